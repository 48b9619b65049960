-- Pictures of people, drawn anew from what they sent, in three sizes. In the database, because every process must be
-- able to show them, and they go with the account.

create table avatars (
  user_id    bigint primary key references users (id) on delete cascade,
  version    text not null,                        -- a hash of the pictures: the ETag, and part of the address
  image_64   bytea not null,                       -- WebP, as are the others
  image_256  bytea not null,
  image_512  bytea not null,
  updated_at timestamptz not null default now(),

  constraint avatars_version_shape check (version ~ '^[0-9a-f]{32}$'),
  constraint avatars_image_length check (
    octet_length(image_64) between 1 and 65536 and octet_length(image_256) between 1 and 262144
    and octet_length(image_512) between 1 and 1048576)
);

-- WebP does not get smaller by being packed again.
alter table avatars
  alter column image_64 set storage external,
  alter column image_256 set storage external,
  alter column image_512 set storage external;

create trigger avatars_note_change after insert or update or delete on avatars
for each row execute function note_change_of_person();
