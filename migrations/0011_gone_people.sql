-- Accounts that ended and of which Redis may still know something. Written with the end of the account, so that what
-- comes after it is done even if the process dies; a row goes when all is forgotten.
create table gone_people (
  user_id bigint primary key,                      -- not a reference: the person is no more
  gone_at timestamptz not null default now()
);
