-- What people have models asked for while they write: bounded a person and day.

create table sluice.daily_spending (
  account text not null,
  day date not null,
  owner text not null,
  spent_usd numeric not null default 0 check (spent_usd >= 0),
  reserved_usd numeric not null default 0 check (reserved_usd >= 0),
  primary key (account, day)
);
comment on table sluice.daily_spending is
  'US dollars that one person has had models asked for in the playground, by UTC day: bounds them, and is no bill';
comment on column sluice.daily_spending.reserved_usd is
  'the most that calls under way can cost; what a server that died has set aside stays so until the day is over';
create index daily_spending_by_day on sluice.daily_spending (day);
