/*
 * stagger.c
 *		When a new periodic job shall run.
 *
 * Jobs come one after the other and are never moved, so each must leave room
 * for those to come.  Therefore an account's jobs all run on one lattice of
 * minutes that are as far apart as jobs shall be: as long as a single place of
 * it is free, the next job finds it.
 *
 * A job that runs every hour needs a whole column of such places, the same
 * quarter in each hour, and one lone job in a column spoils it.  So does one in
 * the columns of other periods.  Among places that are free, a job takes one in
 * columns that are spoilt already; distance decides between these only, or the
 * second daily job in three hours would be in the way of an hourly one.  This
 * spreads jobs all the same: places of one column are an hour apart, and when it
 * is full, half an hour.
 *
 * What runs often keeps out of the few hours in which the daily jobs must all
 * find room, if it can.
 */
#include "postgres.h"

#include "admin/stagger.h"

#define HOUR		60

/* Beyond this distance, farther is no better. */
#define FAR_MOST	360

/* A distance beyond all others: nothing is taken. */
#define NOWHERE		CRM_STAGGER_WEEK

#define PLACES_A_DAY	(CRM_STAGGER_DAY / CRM_STAGGER_APART)

static const int periods[] = {
	1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 10080
};

/* Periods whose columns are worth keeping, those with the fewest first. */
static const int columns[] = {30, 60, 120, 180, 240, 360, 480, 720, 1440};

/* What speaks against a phase, the most important first; the least is best. */
#define PENALTIES	(lengthof(columns) + 2)

typedef struct Score
{
	int64		penalties[PENALTIES];
} Score;

/* What there is to know about a week before a job is added. */
typedef struct Search
{
	int			period;
	int			lattice;
	const bool *allowed;		/* NULL: any */
	const bool *keep_free;		/* NULL: nothing */
	int			distance[CRM_STAGGER_WEEK]; /* to the nearest run */
	int			crowd[CRM_STAGGER_WEEK];	/* how many runs are how near */
	bool		spoilt[lengthof(columns)][PLACES_A_DAY];
} Search;

/* A phase, looked at in all of the job's runs in a week. */
typedef struct Place
{
	int			distance;		/* of the nearest run of another job */
	int64		crowd;
	int			intrusions;		/* runs in what is to be kept free */
} Place;

/*
 * The week
 */
void
crm_stagger_init(CrmStagger *taken)
{
	memset(taken, 0, sizeof(*taken));
}

void
crm_stagger_take(CrmStagger *taken, const CrmCronExpr *job)
{
	for (int minute = 0; minute < CRM_STAGGER_WEEK; minute++)
	{
		if (taken->runs[minute] < PG_UINT16_MAX)
			taken->runs[minute] += crm_cron_in_week(job, minute);
	}
}

static int
wrap(int minute)
{
	return (minute + CRM_STAGGER_WEEK) % CRM_STAGGER_WEEK;
}

/* Measures from each minute to the runs before and after it, around the week. */
static void
measure_distances(const CrmStagger *taken, int *distance)
{
	int			since = NOWHERE;
	int			until = NOWHERE;

	for (int i = 0; i < CRM_STAGGER_WEEK; i++)
		distance[i] = NOWHERE;

	/* Twice, as the nearest run may lie beyond the end of the week. */
	for (int i = 0; i < 2 * CRM_STAGGER_WEEK; i++)
	{
		int			minute = i % CRM_STAGGER_WEEK;
		int			mirrored = CRM_STAGGER_WEEK - 1 - minute;

		since = taken->runs[minute] > 0 ? 0 : Min(since + 1, NOWHERE);
		until = taken->runs[mirrored] > 0 ? 0 : Min(until + 1, NOWHERE);
		distance[minute] = Min(distance[minute], since);
		distance[mirrored] = Min(distance[mirrored], until);
	}
}

/* Every run weighs on the minutes around it, the more the nearer they are. */
static void
measure_crowd(const CrmStagger *taken, int *crowd)
{
	memset(crowd, 0, sizeof(int) * CRM_STAGGER_WEEK);
	for (int minute = 0; minute < CRM_STAGGER_WEEK; minute++)
	{
		for (int i = 1 - CRM_STAGGER_APART; taken->runs[minute] > 0 && i < CRM_STAGGER_APART; i++)
			crowd[wrap(minute + i)] += taken->runs[minute] * (CRM_STAGGER_APART - abs(i));
	}
}

/* A column is spoilt for its period by one run near one of its places. */
static void
find_spoilt(Search *search)
{
	for (int i = 0; i < lengthof(columns); i++)
	{
		for (int minute = search->lattice; minute < CRM_STAGGER_WEEK; minute += CRM_STAGGER_APART)
		{
			if (search->distance[minute] < CRM_STAGGER_APART)
				search->spoilt[i][minute % columns[i] / CRM_STAGGER_APART] = true;
		}
	}
}

/*
 * Places
 */
static int
common_divisor(int a, int b)
{
	return b == 0 ? a : common_divisor(b, a % b);
}

/* Is some run of this phase on the lattice?  Where 15 divides the period, all are. */
static bool
on_lattice(const Search *search, int phase)
{
	int			step = common_divisor(search->period, CRM_STAGGER_APART);

	return phase % step == search->lattice % step;
}

static bool
is_allowed(const Search *search, int phase)
{
	return search->period < CRM_STAGGER_DAY || search->allowed == NULL ||
		search->allowed[phase % CRM_STAGGER_DAY];
}

static Place
look_at(const Search *search, int phase)
{
	Place		place = {NOWHERE, 0, 0};

	for (int minute = phase; minute < CRM_STAGGER_WEEK; minute += search->period)
	{
		place.distance = Min(place.distance, search->distance[minute]);
		place.crowd += search->crowd[minute];
		if (search->period < CRM_STAGGER_DAY && search->keep_free != NULL)
			place.intrusions += search->keep_free[minute % CRM_STAGGER_DAY];
	}
	return place;
}

/* How many columns of a period the job would be the first to spoil. */
static int
count_spoiling(const Search *search, int phase, int column)
{
	int			length = columns[column];
	int			step = common_divisor(search->period, length);
	int			n = 0;

	for (int minute = phase % step; minute < length; minute += step)
		n += !search->spoilt[column][minute / CRM_STAGGER_APART];
	return n;
}

/* A phase on the lattice, far enough from all jobs. */
static Score
score_on_lattice(const Search *search, int phase, const Place *place)
{
	Score		score;
	int			n = 0;

	score.penalties[n++] = place->intrusions;
	for (int i = 0; i < lengthof(columns); i++)
		score.penalties[n++] = count_spoiling(search, phase, i);
	score.penalties[n++] = -Min(place->distance, Min(FAR_MOST, search->period / 2));
	return score;
}

/*
 * Any phase.  Many are equally near to a job that runs every few minutes; then
 * the crowd tells which are nearer to the rest.
 */
static Score
score_anywhere(const Search *search, const Place *place)
{
	Score		score = {{0}};

	score.penalties[0] = -Min(place->distance, Min(FAR_MOST, search->period / 2));
	score.penalties[1] = place->crowd;
	score.penalties[2] = place->intrusions;
	return score;
}

static bool
is_better(const Score *a, const Score *b)
{
	for (int i = 0; i < PENALTIES; i++)
	{
		if (a->penalties[i] != b->penalties[i])
			return a->penalties[i] < b->penalties[i];
	}
	return false;
}

/* The earliest of the best phases, or -1. */
static int
best_phase(const Search *search, bool lattice)
{
	int			best = -1;
	Score		best_score = {{0}};

	for (int phase = 0; phase < search->period; phase++)
	{
		Place		place;
		Score		score;

		if (!is_allowed(search, phase) || (lattice && !on_lattice(search, phase)))
			continue;
		place = look_at(search, phase);
		if (lattice && place.distance < CRM_STAGGER_APART)
			continue;

		score = lattice ? score_on_lattice(search, phase, &place) : score_anywhere(search, &place);
		if (best < 0 || is_better(&score, &best_score))
		{
			best = phase;
			best_score = score;
		}
	}
	return best;
}

int
crm_stagger_choose(const CrmStagger *taken, int period, const bool *allowed,
				   const bool *keep_free, int lattice)
{
	Search	   *search = palloc0(sizeof(Search));
	int			phase;

	search->period = period;
	search->lattice = lattice;
	search->allowed = allowed;
	search->keep_free = keep_free;
	measure_distances(taken, search->distance);
	measure_crowd(taken, search->crowd);
	find_spoilt(search);

	phase = best_phase(search, true);
	if (phase < 0)
		phase = best_phase(search, false);
	pfree(search);
	return phase;
}

/*
 * Schedules and periods
 */
char *
crm_stagger_schedule(int period, int phase)
{
	int			minute = phase % HOUR;
	int			hour = phase / HOUR;

	if (period == 1)
		return pstrdup("* * * * *");
	if (period < HOUR)
		return psprintf("%d-59/%d * * * *", phase, period);
	if (period == HOUR)
		return psprintf("%d * * * *", minute);
	if (period < CRM_STAGGER_DAY)
		return psprintf("%d %d-23/%d * * *", minute, hour, period / HOUR);
	if (period == CRM_STAGGER_DAY)
		return psprintf("%d %d * * *", minute, hour);
	return psprintf("%d %d * * %d", minute, hour % 24, hour / 24);
}

bool
crm_stagger_is_period(int minutes)
{
	for (int i = 0; i < lengthof(periods); i++)
	{
		if (periods[i] == minutes)
			return true;
	}
	return false;
}

int
crm_stagger_nearest_period(double minutes)
{
	int			i = 0;

	/* The middle between two belongs to the longer, which asks less often. */
	while (i + 1 < lengthof(periods) && minutes >= (periods[i] + periods[i + 1]) / 2.0)
		i++;
	return periods[i];
}

static bool
in_window(int minute, int from, int to)
{
	if (from == to)
		return true;
	if (from < to)
		return minute >= from && minute < to;
	return minute >= from || minute < to;
}

bool
crm_stagger_allowed(int from, int to, const int *offsets, int noffsets, bool *allowed)
{
	bool		any = false;

	/* A day that begins at 24:00 begins at 0:00; one that ends there does not. */
	from %= CRM_STAGGER_DAY;

	for (int minute = 0; minute < CRM_STAGGER_DAY; minute++)
	{
		allowed[minute] = true;
		for (int i = 0; i < noffsets; i++)
		{
			int			local = (minute + offsets[i] % CRM_STAGGER_DAY + CRM_STAGGER_DAY) % CRM_STAGGER_DAY;

			allowed[minute] = allowed[minute] && in_window(local, from, to);
		}
		any = any || allowed[minute];
	}
	return any;
}
