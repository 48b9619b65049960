-- Who met whom, and for how long. Written by a background task from the log of the pool, never by a request.

create table match_history (
  room_id    text primary key,
  shard      text not null,
  -- Null: that person is no more, or was never known here.
  user_a     bigint references users (id) on delete set null,
  user_b     bigint references users (id) on delete set null,
  shared     text[] not null,                      -- slugs of the interests they shared
  made_at    timestamptz not null,                 -- to the second
  ended_at   timestamptz,                          -- null: not yet, or nobody lived to tell
  end_reason text,

  constraint match_history_room_length check (char_length(room_id) between 1 and 128),
  constraint match_history_ended_with_reason check ((ended_at is null) = (end_reason is null))
);

-- What is kept of a person, and what is old.
create index match_history_a on match_history (user_a, made_at desc);
create index match_history_b on match_history (user_b, made_at desc);
create index match_history_made on match_history (made_at);

-- Up to where the log of a shard was read; moved in the transaction that writes what was read.
create table match_history_read (
  shard    text primary key,
  epoch    bigint not null,
  sequence bigint not null,
  heard_at timestamptz not null                    -- the time that the log had told by then
);
