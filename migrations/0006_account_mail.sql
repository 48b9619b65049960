-- Addresses that were shown to be the person's, the links that are mailed to show it, and what stays when a person
-- has their account deleted.

alter table users
  add column email_verified_at timestamptz,
  add constraint users_verified_has_email check (email_verified_at is null or email is not null);

-- A link is good once, until it expires. Its secret is in the mail alone.
create table account_tokens (
  hash       bytea primary key,                    -- SHA-256 of the secret
  user_id    bigint not null references users (id) on delete cascade,
  purpose    text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,

  -- A new link takes the place of the one before.
  constraint account_tokens_one_of_a_kind unique (user_id, purpose),
  constraint account_tokens_hash_length check (octet_length(hash) = 32),
  constraint account_tokens_purpose check (purpose in ('verify', 'reset')),
  constraint account_tokens_expire_later check (expires_at > created_at)
);

create index account_tokens_expires on account_tokens (expires_at);

-- What was reported stays countable when the person is gone, without saying who it was.
alter table reports
  alter column reported_id drop not null,
  drop constraint reports_reported_id_fkey,
  add constraint reports_reported_id_fkey foreign key (reported_id) references users (id) on delete set null;
