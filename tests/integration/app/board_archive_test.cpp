#include "app/upkeep/board_archive.hpp"

#include "leaderboard/keys.hpp"
#include "support/zone_file.hpp"

#include "jobs_stage.hpp"

namespace seendr::app {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

TEST(DayBefore, IsTheLastWholeDayOfTheZone) {
  const ArchivedDay utc = day_before({}, 1'767'225'600'000);  // 2026-01-01T00:00:00Z
  EXPECT_EQ(utc.date, "2025-12-31");
  EXPECT_EQ(utc.end_ms, 1'767'225'600'000);
  EXPECT_EQ(utc.start_ms, utc.end_ms - 24 * kHourMs);
  EXPECT_EQ(day_before({}, utc.end_ms + 15 * 60'000).date, utc.date);
  EXPECT_EQ(day_before({}, utc.end_ms - 1).date, "2025-12-30");
}

TEST(DayBefore, MayHave23Or25Hours) {
  const TimeZone paris = TimeZone::load("Europe/Paris").value();
  const ArchivedDay spring =
      day_before(paris, 1'774'821'600'000 + kHourMs);  // 30 March 2026, 00:00
  EXPECT_EQ(spring.date, "2026-03-29");
  EXPECT_EQ(spring.end_ms - spring.start_ms, 23 * kHourMs);
  const ArchivedDay autumn = day_before(paris, 1'792'969'200'000 + kHourMs);  // 26 October 2026
  EXPECT_EQ(autumn.date, "2026-10-25");
  EXPECT_EQ(autumn.end_ms - autumn.start_ms, 25 * kHourMs);
}

class BoardArchiveTest : public JobsStage {
 protected:
  BoardArchiveTest() : JobsStage(MailOptions{}) {}

  awaitable<void> matched(std::string slug, std::int64_t at_ms, int times) {
    const std::string key = leaderboard::matched_key("all", at_ms / kHourMs);
    redis::Command count("ZINCRBY", key, times, slug);
    co_await redis().exec(std::move(count));
  }

  std::string stored() const {
    return database_.execute(
        "select coalesce(string_agg(concat_ws(' ', day, place, slug, matches), ', ' order by day, "
        "place), '') from board_archive");
  }

  leaderboard::Trending trending_{env(), redis(), {}};
};

TEST_F(BoardArchiveTest, KeepsTheDayThatIsOverAndNoOther) {
  BoardArchive archive(trending_, postgres_, {});
  const std::int64_t midnight = 1'767'225'600'000;
  run([&]() -> awaitable<void> {
    co_await matched("yesterday", midnight - 25 * kHourMs, 9);
    co_await matched("chess", midnight - 24 * kHourMs, 2);
    co_await matched("chess", midnight - 1, 3);
    co_await matched("go", midnight - kHourMs, 7);
    co_await matched("tomorrow", midnight, 9);
    const std::size_t count = co_await archive.store(midnight + 5);
    EXPECT_EQ(count, 3U);
    EXPECT_EQ(stored(), "2025-12-30 1 yesterday 9, 2025-12-31 1 go 7, 2025-12-31 2 chess 5");

    co_await matched("late", midnight - 1, 20);
    const redis::Command forget("DEL", leaderboard::trending_prefix("all") +
                                           "day:" + std::to_string(midnight - 24 * kHourMs));
    co_await redis().exec(forget);
    co_await archive.store(midnight + 15 * 60'000);
    EXPECT_EQ(
        stored(),
        "2025-12-30 1 yesterday 9, 2025-12-31 1 late 20, 2025-12-31 2 go 7, 2025-12-31 3 chess 5");

    const redis::Command wipe("FLUSHALL");
    co_await redis().exec(wipe);
    const std::size_t none = co_await archive.store(midnight + 20 * 60'000);
    EXPECT_EQ(none, 0U);
    EXPECT_NE(stored(), "") << "what is stored stays";
  });
}

TEST_F(BoardArchiveTest, MakesUpForDaysThatWereNotStored) {
  BoardArchive archive(trending_, postgres_, {});
  const std::int64_t midnight = 1'767'225'600'000;
  run([&]() -> awaitable<void> {
    for (const int days : {1, 3, 7, 8}) {
      co_await matched("day" + std::to_string(days), midnight - days * 24 * kHourMs, days);
    }
    database_.execute("insert into board_archive values ('2025-12-29', 1, 'was', 1)");
    co_await archive.store(midnight);
    EXPECT_EQ(stored(), "2025-12-25 1 day7 7, 2025-12-29 1 was 1, 2025-12-31 1 day1 1");
  });
}

TEST_F(BoardArchiveTest, TheTaskStoresTheDayBeforeItsInstant) {
  const std::int64_t midnight = 1'767'225'600'000;
  with_worker([&]() -> awaitable<void> {
    co_await matched("chess", midnight - kHourMs, 4);
    tasks::Message message;
    message.id = "archive-1";
    message.task = job::kArchiveBoard;
    message.queue = kJobQueue;
    message.delivery_tag = "tag";
    message.reply_to = "nobody";
    message.headers["seendr_instant"] = "2026-01-01T00:00:00+00:00";
    const redis::Command push("LPUSH", kJobQueue, tasks::encode(message));
    co_await redis().exec(push);
    redis::Command done("EXISTS", "celery-task-meta-archive-1");
    const std::int64_t there = co_await settles(std::move(done), 1);
    EXPECT_EQ(there, 1);
  });
  EXPECT_EQ(stored(), "2025-12-31 1 chess 4");
}

}  // namespace
}  // namespace seendr::app
