-- What brought people together, day by day: the day's board as it stood when the day was over.

create table board_archive (
  day     date not null,                           -- of server.time_zone
  place   integer not null,                        -- from 1
  slug    text not null,                           -- not a reference: the day stays as it was
  matches double precision not null,               -- parts of one where the day begins within an hour of UTC
  primary key (day, slug),

  constraint board_archive_place check (place >= 1)
);
