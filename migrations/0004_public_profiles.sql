-- Profiles that others may look up, and what is cached of them.


-- What a search of names compares: folded once, when the name is written.
alter table users add column search_name text generated always as (search_fold(display_name)) stored;

-- The people who opted in, in the order in which they are listed.
create index users_public on users (id) where public_profile and not guest;

-- Of people who come from a Django site: a hash of the row there, as it was when it was last taken over.
alter table users add column site_mark text;


-- What a committed change makes stale in the cache. A row is written in the transaction of the change, by triggers,
-- so whoever changes something leaves one; it is deleted when the cache was told. What is left after a crash is told
-- by any process some seconds later.
create table cache_outbox (
  id          bigint generated always as identity primary key,
  tag         text not null,                       -- profile:<id> or interests
  transaction xid8 not null default pg_current_xact_id(),

  -- Twenty rows of one change are one. Not across transactions: a row that is about to be deleted must not stand for
  -- a change that the cache was not told of.
  constraint cache_outbox_once unique (transaction, tag)
);

create function note_profile_change() returns trigger
language plpgsql as $$
begin
  if coalesce(old.public_profile, false) or coalesce(new.public_profile, false) then
    insert into cache_outbox (tag) values ('profile:' || coalesce(new.id, old.id)) on conflict do nothing;
  end if;
  return null;
end
$$;

create trigger users_note_change
after insert or delete or update of display_name, languages, region, guest, public_profile on users
for each row execute function note_profile_change();

-- For tables whose rows belong to a person.
create function note_change_of_person() returns trigger
language plpgsql as $$
begin
  insert into cache_outbox (tag)
  select 'profile:' || u.id from users u where u.id = coalesce(new.user_id, old.user_id) and u.public_profile
  on conflict do nothing;
  return null;
end
$$;

create trigger user_interests_note_change after insert or update or delete on user_interests
for each row execute function note_change_of_person();

create trigger bans_note_change after insert or update or delete on bans
for each row execute function note_change_of_person();

create function note_interest_change() returns trigger
language plpgsql as $$
begin
  insert into cache_outbox (tag) values ('interests') on conflict do nothing;
  return null;
end
$$;

create trigger interests_note_change after update or delete on interests
for each statement execute function note_interest_change();
