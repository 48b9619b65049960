// The day's board of interests, kept in PostgreSQL when the day is over.
#pragma once

#include <cstdint>
#include <string>

#include "leaderboard/trending.hpp"
#include "postgres/database.hpp"
#include "runtime/time_zone.hpp"

namespace seendr::app {

// A day of a zone, as moments in epoch ms.
struct ArchivedDay {
  std::string date;  // "2026-01-31"
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
};

// The last day that was over at that moment.
ArchivedDay day_before(const TimeZone& zone, std::int64_t unix_ms);

class BoardArchive {
 public:
  // Both must outlive this. `zone` is that of `trending`.
  BoardArchive(leaderboard::Trending& trending, postgres::Database& database, TimeZone zone);

  // Stores the board of the last day that was over at that moment, in place of what was stored of
  // that day; and those of the six before it that were not stored. Of what nothing is known,
  // nothing changes. Returns how many interests were stored.
  awaitable<std::size_t> store(std::int64_t unix_ms);

 private:
  awaitable<std::size_t> store_day(ArchivedDay day);
  awaitable<bool> has(std::string date);

  leaderboard::Trending& trending_;
  postgres::Database& database_;
  TimeZone zone_;
};

}  // namespace seendr::app
