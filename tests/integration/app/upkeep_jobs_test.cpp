#include <filesystem>
#include <fstream>

#include "support/outbox.hpp"

#include "jobs_stage.hpp"

namespace seendr::app {
namespace {

class UpkeepJobsTest : public JobsStage {
 protected:
  UpkeepJobsTest() : JobsStage(MailOptions{}) {}

  std::int64_t count(const std::string& of) const {
    return std::stoll(database_.execute("select count(*) from " + of));
  }
};

TEST_F(UpkeepJobsTest, RemoveWhatIsOld) {
  database_.execute(
      "insert into match_history (room_id, shard, shared, made_at) values "
      "('old', 'all', '{}', now() - interval '91 days'), ('new', 'all', '{}', now())");
  with_worker([&]() -> awaitable<void> {
    json::array none;
    co_await jobs_.enqueue(job::kCleanUp, std::move(none));
    const std::function<bool()> removed = [this] {
      return count("match_history") == 1;
    };
    const bool done = co_await test::becomes(removed, Millis(8000));
    EXPECT_TRUE(done);
  });
  EXPECT_EQ(database_.execute("select room_id from match_history"), "new");
}

// Members before the stage, which takes the folder.
struct OutboxFolder {
  test::TempFolder folder;
  MailOptions mail() const {
    MailOptions options;
    options.outbox = folder.path();
    return options;
  }
};

class OutboxUpkeepTest : private OutboxFolder, public JobsStage {
 protected:
  OutboxUpkeepTest() : JobsStage(mail()) {}
  std::string path(const std::string& name) const { return folder.path() + "/" + name; }
};

TEST_F(OutboxUpkeepTest, RemovesOldMailsWhenNoneFollows) {
  const std::int64_t now = env().clock.wall_ms();
  const std::string old = path(std::to_string(now - 173'000'000) + "-a.eml");
  const std::string young = path(std::to_string(now) + "-b.eml");
  for (const std::string& mail : {old, young}) std::ofstream(mail) << "To: ada@example.org";
  with_worker([&]() -> awaitable<void> {
    json::array none;
    co_await jobs_.enqueue(job::kCleanUp, std::move(none));
    const std::function<bool()> removed = [&old] {
      return !std::filesystem::exists(old);
    };
    const bool done = co_await test::becomes(removed, Millis(8000));
    EXPECT_TRUE(done);
  });
  EXPECT_TRUE(std::filesystem::exists(young));
}

TEST_F(UpkeepJobsTest, CacheProfilesOfRecentPeople) {
  const std::string id = database_.execute(
      "insert into users (display_name, email, password_hash, public_profile) values "
      "('Ada', 'ada@example.org', 'hash', true) returning id");
  with_worker([&]() -> awaitable<void> {
    json::array none;
    co_await jobs_.enqueue(job::kWarmCache, std::move(none));
    bool found = false;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(8);
    while (!found && std::chrono::steady_clock::now() < end) {
      const redis::Command keys("KEYS", "*profile*" + id + "*");
      const redis::Reply reply = co_await redis().exec(keys);
      found = !reply.as_array().empty();
      co_await sleep_for(Millis(5));
    }
    EXPECT_TRUE(found);
  });
}

}  // namespace
}  // namespace seendr::app
