-- What people are told of what happened while they were away, and who was seen when.


create table notifications (
  id          bigint generated always as identity primary key,
  user_id     bigint not null references users (id) on delete cascade,
  kind        text not null,
  data        jsonb not null default '{}',
  -- Names what happened, so that whoever tells of it twice is heard once. Null: it is told once.
  key         text,
  created_at  timestamptz not null default now(),
  read_at     timestamptz,
  digested_at timestamptz,                         -- taken up by a mail, whatever became of that

  constraint notifications_once unique (user_id, key),
  constraint notifications_kind check (kind ~ '^[a-z][a-z0-9_]*$' and char_length(kind) <= 64),
  constraint notifications_data check (jsonb_typeof(data) = 'object' and octet_length(data::text) <= 8192),
  constraint notifications_key_length check (char_length(key) between 1 and 128)
);

-- A person's, the newest first; of those the unread ones; and what is old enough to go.
create index notifications_newest on notifications (user_id, id desc);
create index notifications_unread on notifications (user_id, created_at) where read_at is null;
create index notifications_read on notifications (read_at) where read_at is not null;

-- Who is mailed about: looked through from time to time, all of them.
create index notifications_undigested on notifications (created_at) where read_at is null and digested_at is null;

-- Asked for by the person; nobody is mailed otherwise.
alter table users
  add column mail_digest boolean not null default false,
  add constraint users_guest_has_no_digest check (not guest or not mail_digest);

-- The guests who may be forgotten, and the profiles that are likely to be looked up.
create index users_guests_seen on users (last_seen_at) where guest;
create index users_public_seen on users (last_seen_at desc) where public_profile and not guest;

-- What has been dealt with goes some day.
create index reports_handled on reports (handled_at) where handled_at is not null;
create index bans_ended on bans (least(lifted_at, until));
