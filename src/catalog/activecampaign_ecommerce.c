/*
 * activecampaign_ecommerce.c
 *		ActiveCampaign: connected shops, their customers and orders.
 *
 * Lists send money and states as numbers, single records as texts.
 */
#include "catalog/activecampaign.h"

static const CrmLabel connection_status[] = {
	{"0", "error"},
	{"1", "connected"},
	{NULL, NULL}
};

static const CrmColumn ecommerce_connections_columns[] = {
	AC_ID,
	AC_TEXT("service", "/service"),
	AC_TEXT("externalid", "/externalid", .description = "id of the shop in its own service"),
	AC_TEXT("name", "/name"),
	AC_BOOLEAN("is_internal", "/isInternal"),
	AC_SMALLINT("status", "/status", .description = "0 error, 1 connected"),
	AC_LABEL("status_label", "/status", connection_status),
	AC_SMALLINT("sync_status", "/syncStatus"),
	AC_TIME("last_sync", "/lastSync"),
	AC_TEXT("logo_url", "/logoUrl"),
	AC_TEXT("link_url", "/linkUrl"),
	AC_REF("list_id", "/listId"),
	AC_TIME("created_at", "/cdate"),
	AC_TIME("updated_at", "/udate"),
};

static const CrmFilter ecommerce_connections_filters[] = {
	AC_EQUAL("service", "filters[service]"),
	AC_EQUAL("externalid", "filters[externalid]"),
};

static const CrmRoute ecommerce_connections_routes[] = {
	AC_SINGLE("ecommerce_connections", ecommerce_connections_columns, "connections", "connection",
			  "status", "status_label", "sync_status", "last_sync"),
};

const CrmEntity crm_ac_ecommerce_connections = {
	.name = "ecommerce_connections",
	.description = "Connected shops and services",
	AC_LIST("connections"),
	AC_UNORDERED,
	.expected_rows = 5,
	AC_COLUMNS(ecommerce_connections_columns),
	AC_FILTERS(ecommerce_connections_filters),
	AC_ROUTES(ecommerce_connections_routes)
};

static const CrmColumn ecommerce_customers_columns[] = {
	AC_ID,
	AC_REF2("connection_id", "/connectionid", "/connection"),
	AC_TEXT("externalid", "/externalid", .description = "id of the customer in the shop"),
	AC_TEXT("email", "/email"),
	AC_MONEY("total_revenue", "/totalRevenue",
			 .description = "in major units of the shop's currency"),
	AC_INTEGER("total_orders", "/totalOrders"),
	AC_INTEGER("total_products", "/totalProducts"),
	AC_MONEY("avg_revenue_per_order", "/avgRevenuePerOrder",
			 .description = "in major units of the shop's currency"),
	AC_TEXT("avg_product_category", "/avgProductCategory"),
	AC_BOOLEAN("accepts_marketing", "/acceptsMarketing"),
	AC_TIME("tstamp", "/tstamp"),
};

static const CrmFilter ecommerce_customers_filters[] = {
	AC_EQUAL("email", "filters[email]"),
	AC_EQUAL("externalid", "filters[externalid]"),
	AC_EXACT("connection_id", "filters[connectionid]"),
};

static const CrmRoute ecommerce_customers_routes[] = {
	AC_SINGLE("ecommerce_customers", ecommerce_customers_columns, "ecomCustomers", "ecomCustomer",
			  "accepts_marketing"),
};

const CrmEntity crm_ac_ecommerce_customers = {
	.name = "ecommerce_customers",
	.description = "Customers of connected shops",
	AC_LIST("ecomCustomers"),
	AC_UNORDERED,
	.expected_rows = 10000,
	AC_COLUMNS(ecommerce_customers_columns),
	AC_FILTERS(ecommerce_customers_filters),
	AC_ROUTES(ecommerce_customers_routes)
};

static const CrmLabel order_state[] = {
	{"0", "pending"},
	{"1", "completed"},
	{"2", "abandoned"},
	{"3", "recovered"},
	{"4", "waiting"},
	{NULL, NULL}
};

static const CrmLabel order_source[] = {
	{"0", "historical"},
	{"1", "real_time"},
	{NULL, NULL}
};

static const CrmColumn ecommerce_orders_columns[] = {
	AC_ID,
	AC_REF2("connection_id", "/connectionid", "/connection"),
	AC_REF2("customer_id", "/customerid", "/customer", .description = "joins ecommerce_customers"),
	AC_TEXT("externalid", "/externalid", .description = "id of the order in the shop"),
	AC_TEXT("externalcheckoutid", "/externalcheckoutid",
			.description = "id of the shopping cart in the shop"),
	AC_TEXT("order_number", "/orderNumber"),
	AC_TEXT("email", "/email"),
	AC_SMALLINT("state", "/state",
				.description = "0 pending, 1 completed, 2 abandoned, 3 recovered, 4 waiting"),
	AC_LABEL("state_label", "/state", order_state),
	AC_SMALLINT("source", "/source", .description = "0 historical, 1 real time"),
	AC_LABEL("source_label", "/source", order_source),
	AC_MONEY("total_price", "/totalPrice", .description = "in major units of currency"),
	AC_MONEY("shipping_amount", "/shippingAmount"),
	AC_MONEY("tax_amount", "/taxAmount"),
	AC_MONEY("discount_amount", "/discountAmount"),
	AC_CURRENCY("currency", "/currency"),
	AC_INTEGER("total_products", "/totalProducts"),
	AC_REFS("order_product_ids", "/orderProducts",
			.description = "ids of ecommerce_order_products"),
	AC_TEXT("shipping_method", "/shippingMethod"),
	AC_TEXT("order_url", "/orderUrl"),
	AC_TIME("order_date", "/orderDate"),
	AC_TIME("external_created_date", "/externalCreatedDate"),
	AC_TIME("external_updated_date", "/externalUpdatedDate"),
	AC_TIME("abandoned_date", "/abandonedDate"),
	AC_TIME("tstamp", "/tstamp"),
	AC_TIME("created_at", "/createdDate"),
	AC_TIME("updated_at", "/updatedDate"),
};

/*
 * The order's id in the shop is declared as an integer, which few shops keep to,
 * so there is no telling what becomes of other values: no filter by externalid.
 */
static const CrmFilter ecommerce_orders_filters[] = {
	AC_EXACT("connection_id", "filters[connectionid]"),
	AC_EXACT("customer_id", "filters[customerid]"),
	AC_EQUAL("externalcheckoutid", "filters[externalcheckoutid]"),
	AC_EQUAL("email", "filters[email]"),
	AC_EQUAL("state", "filters[state]"),
	AC_WORD("state_label", "filters[state]"),
};

static const CrmRoute ecommerce_orders_routes[] = {
	AC_SINGLE("ecommerce_orders", ecommerce_orders_columns, "ecomOrders", "ecomOrder",
			  "externalcheckoutid", "order_number", "order_product_ids", "external_updated_date",
			  "abandoned_date"),
};

const CrmEntity crm_ac_ecommerce_orders = {
	.name = "ecommerce_orders",
	.description = "Orders and abandoned carts of connected shops",
	AC_LIST("ecomOrders"),
	AC_COUNTED("orders%5Bexternal_created_date%5D=ASC", "/externalCreatedDate"),
	.expected_rows = 20000,
	.flags = CRM_ENTITY_COUNTABLE,
	AC_COLUMNS(ecommerce_orders_columns),
	AC_FILTERS(ecommerce_orders_filters),
	AC_ROUTES(ecommerce_orders_routes),
	.cursor_column = "updated_at"
};

static const CrmColumn ecommerce_order_products_columns[] = {
	AC_ID,
	AC_REF2("order_id", "/orderid", "/ecomOrder", .description = "joins ecommerce_orders"),
	AC_REF("connection_id", "/connectionid"),
	AC_TEXT("externalid", "/externalid", .description = "id of the product in the shop"),
	AC_TEXT("name", "/name"),
	AC_TEXT("sku", "/sku"),
	AC_TEXT("category", "/category"),
	AC_TEXT("description", "/description"),
	AC_MONEY("price", "/price",
			 .description = "in major units of the order's currency"),
	AC_INTEGER("quantity", "/quantity"),
	AC_TEXT("image_url", "/imageUrl"),
	AC_TEXT("product_url", "/productUrl"),
	AC_TIME("tstamp", "/tstamp"),
	AC_TIME("created_at", "/createdDate"),
	AC_TIME("updated_at", "/updatedDate"),
};

static const CrmRoute ecommerce_order_products_routes[] = {
	AC_SINGLE("ecommerce_order_products", ecommerce_order_products_columns, "ecomOrderProducts",
			  "ecomOrderProduct"),
	AC_NESTED("ecommerce_order_products", ecommerce_order_products_columns, "order_id",
			  "/api/3/ecomOrders/{}/orderProducts", "ecomOrderProducts"),
};

const CrmEntity crm_ac_ecommerce_order_products = {
	.name = "ecommerce_order_products",
	.description = "Products in orders",
	AC_LIST("ecomOrderProducts"),
	AC_UNORDERED,
	.expected_rows = 50000,
	AC_COLUMNS(ecommerce_order_products_columns),
	AC_ROUTES(ecommerce_order_products_routes),
	.cursor_column = "updated_at"
};
