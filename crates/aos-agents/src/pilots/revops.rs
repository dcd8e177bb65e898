//! What the RevOps Pilot looks for: deals that stand still, deals that nobody has qualified, months without enough in the pipeline, and
//! accounts that may leave.
//!
//! A deal is open when its stage speaks of neither a win nor a loss and its probability is neither 0 nor 100. How long it stands in its
//! stage is not known of most sources, so the time since anything of it changed is taken.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        kind: "stalled_deal",
        means: "an open deal whose closing date has passed, or of which nothing changed for 30 days and for twice as long as usual among \
                the open deals of its stage",
        needs: &["opportunity.stage"],
        uses: &[
            "opportunity.name",
            "opportunity.amount",
            "opportunity.currency",
            "opportunity.close_date",
            "opportunity.probability",
            "opportunity.updated_at",
        ],
        sql: r"
WITH open AS (
  SELECT *, date_diff('day', updated_at, :now) AS days_unchanged, date_diff('day', close_date, :today) AS days_overdue
    FROM opportunity
   WHERE NOT regexp_matches(lower(stage), 'won|lost|closed|cancel|abandon') AND coalesce(probability, 50) NOT IN (0, 100)
), usual AS (
  SELECT _source, stage, median(days_unchanged) AS days FROM open GROUP BY ALL
)
SELECT concat_ws('/', o._source, o._record_id) AS subject, o._source AS source,
       CASE WHEN o.days_overdue > 0 THEN concat(o.name, ' should have closed ', o.days_overdue, ' days ago')
            ELSE concat(o.name, ' has not moved for ', o.days_unchanged, ' days') END AS title,
       round(o.amount, 2) AS amount, o.currency, o._record_id AS record_id, o.name, o.stage, o.probability, o.close_date,
       o.days_overdue, o.days_unchanged, u.days AS usual_days_unchanged
  FROM open o JOIN usual u ON u._source = o._source AND u.stage = o.stage
 WHERE o.days_overdue > 0 OR o.days_unchanged > greatest(30, 2 * u.days)
 ORDER BY amount DESC NULLS LAST, subject",
    },
    Check {
        kind: "unqualified_deal",
        means: "an open deal that lacks two of budget (amount), authority (contact), need (next step or description) and timeline (closing \
                date), or one of them at a probability of 50 percent or more; what a source never gives is not missed in its deals",
        needs: &["opportunity.stage"],
        uses: &[
            "opportunity.name",
            "opportunity.amount",
            "opportunity.currency",
            "opportunity.contact_id",
            "opportunity.next_step",
            "opportunity.description",
            "opportunity.close_date",
            "opportunity.probability",
        ],
        sql: r"
WITH given AS (
  SELECT _source, count(amount) > 0 AS budget, count(contact_id) > 0 AS authority,
         count(next_step) + count(description) > 0 AS need, count(close_date) > 0 AS timeline
    FROM opportunity GROUP BY _source
), open AS (
  SELECT o.*,
         CASE WHEN g.budget AND coalesce(o.amount, 0) <= 0 THEN 'budget' END AS budget,
         CASE WHEN g.authority AND o.contact_id IS NULL THEN 'authority' END AS authority,
         CASE WHEN g.need AND o.next_step IS NULL AND o.description IS NULL THEN 'need' END AS need,
         CASE WHEN g.timeline AND o.close_date IS NULL THEN 'timeline' END AS timeline
    FROM opportunity o JOIN given g ON g._source = o._source
   WHERE NOT regexp_matches(lower(o.stage), 'won|lost|closed|cancel|abandon') AND coalesce(o.probability, 50) NOT IN (0, 100)
), counted AS (
  SELECT *, (budget IS NOT NULL)::INTEGER + (authority IS NOT NULL)::INTEGER + (need IS NOT NULL)::INTEGER
            + (timeline IS NOT NULL)::INTEGER AS missing
    FROM open
)
SELECT concat_ws('/', _source, _record_id) AS subject, _source AS source,
       concat(name, ' lacks ', concat_ws(', ', budget, authority, need, timeline)) AS title,
       round(CASE WHEN amount > 0 THEN amount END, 2) AS amount, currency, _record_id AS record_id, name, stage, probability, close_date,
       concat_ws(', ', budget, authority, need, timeline) AS lacks
  FROM counted
 WHERE missing >= 2 OR (missing = 1 AND probability >= 50)
 ORDER BY amount DESC NULLS LAST, subject",
    },
    Check {
        kind: "pipeline_gap",
        means: "one of the next three months in which less is open, by closing date, than the median of what was won in a month of the last \
                year; three months with wins are needed, and what is at stake is the difference",
        needs: &["opportunity.stage", "opportunity.amount", "opportunity.close_date"],
        uses: &["opportunity.currency", "opportunity.probability"],
        sql: r"
WITH won AS (
  SELECT _source, currency, date_trunc('month', close_date) AS month, sum(amount) AS won
    FROM opportunity
   WHERE regexp_matches(lower(stage), 'won') AND close_date >= :year_ago AND close_date < :month AND amount > 0
   GROUP BY ALL
), usual AS (
  SELECT _source, currency, median(won::DOUBLE) AS won, count(*) AS months FROM won GROUP BY ALL
), ahead AS (
  SELECT unnest([:month_1, :month_2, :month_3]) AS month
), open AS (
  SELECT _source, currency, date_trunc('month', close_date) AS month, sum(amount) AS open, count(*) AS deals
    FROM opportunity
   WHERE NOT regexp_matches(lower(stage), 'won|lost|closed|cancel|abandon') AND coalesce(probability, 50) NOT IN (0, 100)
   GROUP BY ALL
)
SELECT concat_ws('/', u._source, u.currency, strftime(a.month, '%Y-%m')) AS subject, u._source AS source,
       concat(strftime(a.month, '%Y-%m'), ' has less in the pipeline of ', u._source, ' than a usual month wins') AS title,
       round(u.won - coalesce(o.open, 0)::DOUBLE, 2)::DECIMAL(38,2) AS amount, u.currency,
       strftime(a.month, '%Y-%m') AS month, round(coalesce(o.open, 0), 2) AS open_amount, coalesce(o.deals, 0) AS open_deals,
       round(u.won, 2) AS usually_won, u.months AS months_with_wins
  FROM usual u CROSS JOIN ahead a
  LEFT JOIN open o ON o._source = u._source AND o.currency IS NOT DISTINCT FROM u.currency AND o.month = a.month
 WHERE u.months >= 3 AND coalesce(o.open, 0)::DOUBLE < u.won
 ORDER BY subject",
    },
    Check {
        kind: "account_at_risk",
        means: "an account whose health is below 50 or whose risk is said to be high, or that nobody has signed in to for 30 days; what is \
                at stake is what is open with it in deals, where all of it is in one currency. Records of other sources are taken for the \
                same account when they name it by an id of at least eight characters, which short numbers are not",
        needs: &["health.account_id"],
        uses: &[
            "health.health_score",
            "health.risk_level",
            "usage.account_id",
            "usage.last_login_days",
            "usage.sessions_30d",
            "account.name",
            "opportunity.account_id",
            "opportunity.amount",
            "opportunity.currency",
        ],
        sql: r"
WITH open AS (
  SELECT _source, account_id, count(*) AS deals, count(DISTINCT currency) AS currencies, min(currency) AS currency, sum(amount) AS amount
    FROM opportunity
   WHERE NOT regexp_matches(lower(stage), 'won|lost|closed|cancel|abandon') AND coalesce(probability, 50) NOT IN (0, 100)
   GROUP BY ALL
)
SELECT concat_ws('/', h._source, h.account_id) AS subject, h._source AS source,
       concat(coalesce(a.name, h.account_id), ' may leave') AS title,
       round(CASE WHEN o.currencies <= 1 THEN o.amount END, 2) AS amount, CASE WHEN o.currencies = 1 THEN o.currency END AS currency,
       h.account_id, a.name, h.health_score, h.risk_level, u.last_login_days, u.sessions_30d, o.deals AS open_deals
  FROM health h
  LEFT JOIN usage u ON u.account_id = h.account_id AND (u._source = h._source OR length(h.account_id) >= 8)
  LEFT JOIN account a ON a.account_id = h.account_id AND (a._source = h._source OR length(h.account_id) >= 8)
  LEFT JOIN open o ON o.account_id = h.account_id AND (o._source = h._source OR length(h.account_id) >= 8)
 WHERE h.health_score < 50 OR lower(h.risk_level) IN ('high', 'critical', 'red')
    OR (u.last_login_days > 30 AND coalesce(u.sessions_30d, 0) = 0)
QUALIFY row_number() OVER (PARTITION BY h._source, h.account_id ORDER BY o.amount DESC NULLS LAST, a._source, u._source) = 1
 ORDER BY amount DESC NULLS LAST, subject",
    },
];
