//! What the FinOps Pilot looks for: resources that do little, months that cost more than others, cost that nobody is named for.
//!
//! A resource that several sources know is one subject: the row that knows what it costs is taken. Its cost is what the resource says
//! itself, or else what the newest month of the cost lines that name it comes to.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        kind: "idle_resource",
        means: "a machine whose processor is below 5 percent and that holds no database connection, a database without any connection, or \
                a bucket that nobody reads or writes; 5 percent is where AWS Compute Optimizer begins to call a machine idle",
        needs: &["aws_resource.resource_id"],
        uses: &[
            "aws_resource.resource_type",
            "aws_resource.region",
            "aws_resource.cpu_utilization",
            "aws_resource.memory_utilization",
            "aws_resource.db_connections",
            "aws_resource.get_requests",
            "aws_resource.put_requests",
            "aws_resource.monthly_cost",
            "cost_report.resource_id",
            "cost_report.cost",
            "cost_report.currency",
        ],
        sql: r"
WITH monthly AS (
  SELECT _source, resource_id, date_trunc('month', report_date) AS month, sum(cost) AS cost,
         count(DISTINCT currency) AS currencies, min(currency) AS currency
    FROM cost_report WHERE resource_id IS NOT NULL AND cost IS NOT NULL GROUP BY ALL
), costs AS (
  SELECT resource_id, CASE WHEN currencies <= 1 THEN cost END AS cost, CASE WHEN currencies = 1 THEN currency END AS currency
    FROM monthly QUALIFY row_number() OVER (PARTITION BY resource_id ORDER BY month DESC NULLS LAST, _source) = 1
)
SELECT r.resource_id AS subject, r._source AS source,
       concat(coalesce(r.resource_type, 'resource'), ' ', r.resource_id, ' does nothing') AS title,
       round(coalesce(r.monthly_cost, c.cost), 2) AS amount, c.currency,
       r.resource_type, r.region, r.cpu_utilization, r.memory_utilization, r.db_connections, r.get_requests, r.put_requests
  FROM aws_resource r LEFT JOIN costs c ON c.resource_id = r.resource_id
 WHERE (r.cpu_utilization < 5 AND coalesce(r.db_connections, 0) = 0)
    OR r.db_connections = 0
    OR (r.get_requests = 0 AND r.put_requests = 0)
QUALIFY row_number() OVER (PARTITION BY r.resource_id ORDER BY amount DESC NULLS LAST, r._source) = 1
 ORDER BY amount DESC NULLS LAST, subject",
    },
    Check {
        kind: "oversized_resource",
        means: "a machine that uses less than 20 percent of its processor and less than 40 percent of its memory, so that half of either \
                would do; what is at stake is what it costs now, not what would be saved",
        needs: &["aws_resource.cpu_utilization", "aws_resource.memory_utilization"],
        uses: &[
            "aws_resource.resource_id",
            "aws_resource.resource_type",
            "aws_resource.instance_type",
            "aws_resource.instance_class",
            "aws_resource.vcpus",
            "aws_resource.memory",
            "aws_resource.db_connections",
            "aws_resource.monthly_cost",
            "cost_report.resource_id",
            "cost_report.cost",
            "cost_report.currency",
        ],
        sql: r"
WITH monthly AS (
  SELECT _source, resource_id, date_trunc('month', report_date) AS month, sum(cost) AS cost,
         count(DISTINCT currency) AS currencies, min(currency) AS currency
    FROM cost_report WHERE resource_id IS NOT NULL AND cost IS NOT NULL GROUP BY ALL
), costs AS (
  SELECT resource_id, CASE WHEN currencies <= 1 THEN cost END AS cost, CASE WHEN currencies = 1 THEN currency END AS currency
    FROM monthly QUALIFY row_number() OVER (PARTITION BY resource_id ORDER BY month DESC NULLS LAST, _source) = 1
)
SELECT r.resource_id AS subject, r._source AS source,
       concat(coalesce(r.instance_type, r.instance_class, r.resource_type, 'resource'), ' ', r.resource_id, ' is larger than its work') AS title,
       round(coalesce(r.monthly_cost, c.cost), 2) AS amount, c.currency,
       r.resource_type, r.instance_type, r.instance_class, r.vcpus, r.memory, r.cpu_utilization, r.memory_utilization, r.db_connections
  FROM aws_resource r LEFT JOIN costs c ON c.resource_id = r.resource_id
 WHERE r.cpu_utilization >= 5 AND r.cpu_utilization < 20 AND r.memory_utilization < 40 AND coalesce(r.db_connections, 1) > 0
QUALIFY row_number() OVER (PARTITION BY r.resource_id ORDER BY amount DESC NULLS LAST, r._source) = 1
 ORDER BY amount DESC NULLS LAST, subject",
    },
    Check {
        kind: "cost_anomaly",
        means: "a month of a service that costs far more than its other months: its distance from their median is more than 3.5 times \
                their median absolute deviation scaled by 1.4826 (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993), of \
                which at least 5 percent of the median is taken for noise; six whole months are needed, and what is at stake is the \
                distance",
        needs: &["cost_report.cost", "cost_report.report_date", "cost_report.service_category"],
        uses: &["cost_report.currency"],
        sql: r"
WITH monthly AS (
  SELECT _source, service_category, currency, date_trunc('month', report_date) AS month, sum(cost) AS cost, count(*) AS lines
    FROM cost_report
   WHERE report_date < :month AND service_category IS NOT NULL AND cost IS NOT NULL
   GROUP BY ALL
), usual AS (
  SELECT _source, service_category, currency, median(cost::DOUBLE) AS middle, mad(cost::DOUBLE) AS deviation, count(*) AS months
    FROM monthly GROUP BY ALL
)
SELECT concat_ws('/', m._source, m.service_category, m.currency, strftime(m.month, '%Y-%m')) AS subject, m._source AS source,
       concat(m.service_category, ' cost ', round(m.cost / u.middle, 1), ' times its usual month in ', strftime(m.month, '%Y-%m')) AS title,
       round(m.cost::DOUBLE - u.middle, 2)::DECIMAL(38,2) AS amount, m.currency,
       m.service_category, strftime(m.month, '%Y-%m') AS month, round(m.cost, 2) AS cost, round(u.middle, 2) AS usual_month,
       round((m.cost::DOUBLE - u.middle) / greatest(1.4826 * u.deviation, 0.05 * abs(u.middle)), 1) AS deviations, u.months, m.lines
  FROM monthly m
  JOIN usual u ON u._source = m._source AND u.service_category = m.service_category AND u.currency IS NOT DISTINCT FROM m.currency
 WHERE u.months >= 6 AND u.middle > 0
   AND (m.cost::DOUBLE - u.middle) / greatest(1.4826 * u.deviation, 0.05 * abs(u.middle)) > 3.5
 ORDER BY amount DESC NULLS LAST, subject",
    },
    Check {
        kind: "untagged_spend",
        means: "cost of a service that names neither the resource nor the account that caused it, in a source that names one of them \
                elsewhere",
        needs: &["cost_report.cost"],
        uses: &[
            "cost_report.resource_id",
            "cost_report.usage_account_id",
            "cost_report.service_category",
            "cost_report.currency",
        ],
        sql: r"
WITH naming AS (
  SELECT _source FROM cost_report GROUP BY _source HAVING count(resource_id) + count(usage_account_id) > 0
)
SELECT concat_ws('/', c._source, c.service_category, c.currency) AS subject, c._source AS source,
       concat(coalesce(c.service_category, 'some cost'), ' of ', c._source, ' that nobody is named for') AS title,
       round(sum(c.cost), 2) AS amount, c.currency, c.service_category, count(*) AS lines,
       min(c.report_date) AS first_date, max(c.report_date) AS last_date
  FROM cost_report c JOIN naming n ON n._source = c._source
 WHERE c.resource_id IS NULL AND c.usage_account_id IS NULL AND c.cost IS NOT NULL
 GROUP BY c._source, c.service_category, c.currency
 ORDER BY amount DESC NULLS LAST, subject",
    },
];
