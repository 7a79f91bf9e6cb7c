-- formerly InactivityPolicyDays0000000000007

-- By which days are forgotten.
CREATE INDEX activity_day ON activity (day);
