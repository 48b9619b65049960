#include "app/upkeep/board_archive.hpp"

#include "app/sql.hpp"
#include "leaderboard/keys.hpp"

namespace seendr::app {

namespace {

constexpr int kDays = 7;  // For which Redis surely has the counts.
constexpr std::size_t kMostPlaces = 10'000;
constexpr std::int64_t kIntoNextDay = 30 * 3'600'000;  // From a midnight; no day has 30 hours.

}  // namespace

ArchivedDay day_before(const TimeZone& zone, std::int64_t unix_ms) {
  ArchivedDay day;
  day.start_ms = zone.midnight(zone.midnight(unix_ms) - 1);
  day.end_ms = zone.midnight(day.start_ms + kIntoNextDay);
  const std::int64_t offset_ms = zone.offset_s(day.start_ms / 1000) * 1000;
  day.date = leaderboard::utc_text(day.start_ms + offset_ms, "%Y-%m-%d");
  return day;
}

BoardArchive::BoardArchive(leaderboard::Trending& trending, postgres::Database& database,
                           TimeZone zone)
    : trending_(trending), database_(database), zone_(std::move(zone)) {}

awaitable<std::size_t> BoardArchive::store(std::int64_t unix_ms) {
  ArchivedDay day = day_before(zone_, unix_ms);
  std::size_t count = co_await store_day(day);
  for (int i = 1; i < kDays; ++i) {
    day = day_before(zone_, day.start_ms);
    const bool stored = co_await has(day.date);
    if (stored) continue;
    const std::size_t made_up = co_await store_day(day);
    count += made_up;
  }
  co_return count;
}

awaitable<bool> BoardArchive::has(std::string date) {
  std::function<bool(pqxx::work&)> work = [date = std::move(date)](pqxx::work& w) {
    const pqxx::row row =
        w.exec_params1("select exists (select from board_archive where day = $1)", date);
    return row[0].as<bool>();
  };
  co_return co_await database_.run(std::move(work));
}

awaitable<std::size_t> BoardArchive::store_day(ArchivedDay day) {
  const std::vector<leaderboard::Place> places =
      co_await trending_.day(day.start_ms, day.end_ms, kMostPlaces);
  if (places.empty()) co_return 0;
  json::array rows;
  for (const leaderboard::Place& place : places) {
    rows.push_back(
        json::object{{"place", place.rank}, {"slug", place.name}, {"matches", place.score}});
  }
  std::function<void(pqxx::work&)> work = [date = day.date,
                                           rows = json::serialize(rows)](pqxx::work& w) {
    w.exec_params("delete from board_archive where day = $1", date);
    w.exec_params(
        "insert into board_archive (day, place, slug, matches) "
        "select $1, place, slug, matches from jsonb_to_recordset($2::jsonb) "
        "as p (place integer, slug text, matches double precision)",
        date, rows);
  };
  co_await database_.run(std::move(work));
  co_return places.size();
}

}  // namespace seendr::app
