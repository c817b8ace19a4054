/*
 * stub.c
 *		Memory, errors and TAP for programs without a server.
 *
 * String buffers, encodings, hashes and printf come from the libpgcommon and
 * libpgport of the installation under test; both call palloc and so meet the
 * functions below.
 */
#include "postgres.h"

#include <setjmp.h>

#include "base/compat.h"
#include "mb/pg_wchar.h"
#include "stub.h"
#include "utils/memutils.h"

typedef struct Chunk
{
	struct Chunk *prev;
	struct Chunk *next;
	size_t		size;
	size_t		unused;			/* keeps the data aligned to 16 bytes */
} Chunk;

static Chunk chunks = {&chunks, &chunks, 0, 0};
static size_t in_use = 0;
static int	allocations_left = -1;

/* Code under test hands it back to us and never looks inside. */
static MemoryContextData only_context;
MemoryContext CurrentMemoryContext = &only_context;
MemoryContext TopMemoryContext = &only_context;

static sigjmp_buf *catcher = NULL;
static int	error_level;
static int	error_sqlstate;
static char error_message[1024];

static int	tests_run = 0;
static int	tests_failed = 0;

crm_noreturn static void
die(const char *problem)
{
	fprintf(stderr, "Bail out! %s\n", problem);
	abort();
}

/*
 * Memory
 */
void *
MemoryContextAllocExtended(MemoryContext context, Size size, int flags)
{
	Chunk	   *chunk = NULL;

	if (allocations_left != 0)
		chunk = malloc(sizeof(Chunk) + size);
	if (allocations_left > 0)
		allocations_left--;
	if (chunk == NULL)
	{
		if ((flags & MCXT_ALLOC_NO_OOM) == 0)
			die("out of memory");
		return NULL;
	}

	chunk->size = size;
	chunk->prev = &chunks;
	chunk->next = chunks.next;
	chunk->next->prev = chunk;
	chunks.next = chunk;
	in_use += size;

	/* What is not asked to be zero is never zero by luck. */
	memset(chunk + 1, (flags & MCXT_ALLOC_ZERO) != 0 ? 0 : 0x7E, size);
	return chunk + 1;
}

void
pfree(void *pointer)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;

	chunk->prev->next = chunk->next;
	chunk->next->prev = chunk->prev;
	in_use -= chunk->size;
	free(chunk);
}

void *
repalloc(void *pointer, Size size)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;
	void	   *copy = palloc(size);

	memcpy(copy, pointer, Min(size, chunk->size));
	pfree(pointer);
	return copy;
}

void *
repalloc_huge(void *pointer, Size size)
{
	return repalloc(pointer, size);
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, 0);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, MCXT_ALLOC_ZERO);
}

char *
MemoryContextStrdup(MemoryContext context, const char *string)
{
	return pstrdup(string);
}

void *
palloc(Size size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size, 0);
}

void *
palloc0(Size size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size, MCXT_ALLOC_ZERO);
}

void *
palloc_extended(Size size, int flags)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size, flags);
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

char *
pnstrdup(const char *in, Size len)
{
	size_t		n = strnlen(in, len);
	char	   *copy = palloc(n + 1);

	memcpy(copy, in, n);
	copy[n] = '\0';
	return copy;
}

void
stub_reset_memory(void)
{
	while (chunks.next != &chunks)
		pfree(chunks.next + 1);
	allocations_left = -1;
}

size_t
stub_memory_in_use(void)
{
	return in_use;
}

void
stub_fail_allocations_after(int n)
{
	allocations_left = n;
}

/* The server under test always uses UTF-8. */
int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

/*
 * Errors
 */
bool
errstart(int elevel, const char *domain)
{
	error_level = elevel;
	error_sqlstate = ERRCODE_INTERNAL_ERROR;
	return elevel >= ERROR;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

int
errcode(int sqlerrcode)
{
	error_sqlstate = sqlerrcode;
	return 0;
}

int
errcode_for_file_access(void)
{
	return errcode(ERRCODE_IO_ERROR);
}

static int
keep_message(const char *fmt, va_list args)
{
	vsnprintf(error_message, sizeof(error_message), fmt, args);
	return 0;
}

int
errmsg(const char *fmt,...)
{
	va_list		args;

	va_start(args, fmt);
	keep_message(fmt, args);
	va_end(args);
	return 0;
}

int
errmsg_internal(const char *fmt,...)
{
	va_list		args;

	va_start(args, fmt);
	keep_message(fmt, args);
	va_end(args);
	return 0;
}

int
errdetail(const char *fmt,...)
{
	return 0;
}

int
errhint(const char *fmt,...)
{
	return 0;
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	if (error_level < ERROR)
		return;
	if (catcher == NULL)
		die(error_message);
	siglongjmp(*catcher, 1);
}

void
ExceptionalCondition(const char *condition,
#if PG_VERSION_NUM < 160000
					 const char *error_type,
#endif
					 const char *file, int line)
{
	die(condition);
}

int
stub_catch(void (*function) (void *arg), void *arg)
{
	sigjmp_buf	here;

	error_message[0] = '\0';
	error_sqlstate = 0;
	catcher = &here;
	if (sigsetjmp(here, 0) == 0)
	{
		function(arg);
		error_sqlstate = 0;
	}
	catcher = NULL;
	return error_sqlstate;
}

const char *
stub_error_message(void)
{
	return error_message;
}

/*
 * TAP
 */
static bool
report_test(bool passed, const char *name, va_list args)
{
	char		line[1024];

	vsnprintf(line, sizeof(line), name, args);

	/* A line break would end the line, a "#" could make it a directive. */
	for (char *c = line; *c != '\0'; c++)
	{
		if ((unsigned char) *c < ' ' || *c == '#')
			*c = '?';
	}
	tests_run++;
	if (!passed)
		tests_failed++;
	printf("%s %d - %s\n", passed ? "ok" : "not ok", tests_run, line);
	fflush(stdout);
	return passed;
}

bool
tap_ok(bool passed, const char *name,...)
{
	va_list		args;

	va_start(args, name);
	report_test(passed, name, args);
	va_end(args);
	return passed;
}

bool
tap_is_int(int64 got, int64 wanted, const char *name,...)
{
	va_list		args;

	va_start(args, name);
	if (!report_test(got == wanted, name, args))
		printf("#      got: %lld\n# expected: %lld\n", (long long) got, (long long) wanted);
	va_end(args);
	return got == wanted;
}

bool
tap_is_text(const char *got, const char *wanted, const char *name,...)
{
	bool		same;
	va_list		args;

	same = (got == NULL || wanted == NULL) ? got == wanted : strcmp(got, wanted) == 0;
	va_start(args, name);
	if (!report_test(same, name, args))
		printf("#      got: %s\n# expected: %s\n",
			   got != NULL ? got : "(NULL)", wanted != NULL ? wanted : "(NULL)");
	va_end(args);
	return same;
}

int
tap_done(void)
{
	stub_reset_memory();
	printf("1..%d\n", tests_run);
	if (tests_failed > 0)
		printf("# %d of %d failed\n", tests_failed, tests_run);
	return (tests_failed > 0 || tests_run == 0) ? 1 : 0;
}
