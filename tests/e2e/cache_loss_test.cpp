// A cache Redis of its own that is killed and started again under load: answers stay right, nobody
// waits long, and nothing that was changed meanwhile is shown as it was.
#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "support/app_stage.hpp"
#include "support/serve.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;
using SteadyTime = std::chrono::steady_clock::time_point;

class CacheLossTest : public testing::Test {
 protected:
  CacheLossTest() {
    for (const char* variable :
         {"SEENDR_AUTH_HASH_MEMORY_KIB=8192", "SEENDR_LIMITS_CONNECTIONS_ADDRESS=off",
          "SEENDR_REDIS_COMMAND_TIMEOUT_MS=2000"}) {
      backend_.set(variable);
    }
    backend_.set("CACHE_URL=" + cache_.url_text());
    first_.emplace(backend_);
    second_.emplace(backend_);
    register_ada();
  }

  void TearDown() override {
    if (!HasFailure()) return;
    std::printf("--- first ---\n%s--- second ---\n%s", first_->output().c_str(),
                second_->output().c_str());
  }

  const std::string& here() { return first_->url(); }
  const std::string& there() { return second_->url(); }

  http::ClientResponse send(const std::string& server, const char* method, const char* path,
                            const json::value& body, http::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    return stage_.call(server, method, path, std::move(headers), json::serialize(body));
  }

  void register_ada() {
    const http::ClientResponse made = send(here(), "POST", "/api/v1/auth/register",
                                           {{"email", "ada@example.org"},
                                            {"password", "correct horse"},
                                            {"display_name", "0"},
                                            {"languages", {"qa"}}});
    if (made.status != 201) throw std::runtime_error("not registered: " + made.body);
    session_ = {{"Cookie", "sessionid=" + Stage::cookie_value(made.headers)}};
    path_ = "/api/profiles/" + text_at(json::parse(made.body).at("user").as_object(), "id") + "/";
    EXPECT_EQ(send(here(), "PATCH", "/api/v1/me", {{"public_profile", true}}, session_).status,
              200);
  }

  // Gives Ada the next name, a number; returns when that was answered.
  void rename(const std::string& server) {
    const std::string name = std::to_string(named_ + 1);
    const http::ClientResponse changed =
        send(server, "PATCH", "/api/v1/me", {{"display_name", name}}, session_);
    EXPECT_EQ(changed.status, 200) << changed.body;
    ++named_;
  }

  // The name that a server shows to somebody who is signed in; -1 when it shows none.
  static int shown(Stage& stage, const std::string& server, const std::string& path,
                   const http::Headers& session) {
    const http::ClientResponse page = stage.call(server, "GET", path, session);
    if (page.status != 200) return -1;
    return std::stoi(text_at(json::parse(page.body).as_object(), "display_name"));
  }

  int health(const std::string& server) {
    return stage_.call(server, "GET", "/api/health/redis/").status;
  }

  // Asks until it is told to stop, and writes down what was not as it must be.
  void read_all_the_time(std::string server) {
    Stage stage;
    while (!stop_) {
      const int newest = named_;
      const auto start = std::chrono::steady_clock::now();
      try {
        const int name = shown(stage, server, path_, session_);
        const int page = stage.call(server, "GET", "/api/pages/faq/").status;
        const int list = stage.call(server, "GET", "/api/profiles/?language=qa").status;
        if (name < newest) {
          complain("shown " + std::to_string(name) + " after " + std::to_string(newest));
        }
        if (page != 200 || list != 200) {
          complain("page " + std::to_string(page) + ", list " + std::to_string(list));
        }
      } catch (const std::exception& error) {
        complain(error.what());
      }
      const auto took = std::chrono::steady_clock::now() - start;
      if (took > 4s) complain("an answer took " + std::to_string(took / 1ms) + " ms");
      ++asked_;
    }
  }

  void complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (complaints_.size() < 20) complaints_.push_back(what);
  }

  Backend backend_;
  RedisServer cache_{RedisServer::Options{true, {}}};  // It still has everything after its return.
  std::optional<ServeProcess> first_;
  std::optional<ServeProcess> second_;
  Stage stage_;
  http::Headers session_;
  std::string path_;
  std::atomic<int> named_ = 0;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::vector<std::string> complaints_;
};

TEST_F(CacheLossTest, AnswersAreRightWithoutTheCacheAndAfterItsReturn) {
  ASSERT_EQ(shown(stage_, here(), path_, session_), 0);
  const redis::Reply kept =
      stage_.redis(cache_.url(), redis::Command("KEYS", "seendr:1:profile:*"));
  EXPECT_EQ(kept.as_array().size(), 1U);
  const redis::Reply state =
      stage_.redis(backend_.redis().url(), redis::Command("KEYS", "seendr:1:*"));
  EXPECT_EQ(state.as_array().size(), 0U) << "the state Redis holds no cache";
  std::vector<std::thread> readers;
  for (const std::string& server : {here(), there(), there()}) {
    readers.emplace_back([this, server] { read_all_the_time(server); });
  }

  for (int turn = 0; turn < 3; ++turn) {
    rename(here());
    cache_.kill9();
    rename(turn % 2 == 0 ? here() : there());
    rename(there());
    cache_.start();
    const SteadyTime back = std::chrono::steady_clock::now();
    const auto works = [&] {
      return health(here()) == 200 && health(there()) == 200;
    };
    EXPECT_TRUE(stage_.until(works));
    EXPECT_LT(std::chrono::steady_clock::now() - back, 2s);
    rename(there());
    EXPECT_EQ(shown(stage_, here(), path_, session_), named_);
  }
  stop_ = true;
  for (std::thread& reader : readers) reader.join();

  const std::lock_guard lock(mutex_);
  for (const std::string& complaint : complaints_) ADD_FAILURE() << complaint;
  EXPECT_GT(asked_, 20);
  EXPECT_TRUE(stage_.until(
      [&] { return backend_.database().execute("select count(*) from cache_outbox") == "0"; }));
}

TEST_F(CacheLossTest, WhatChangedMeanwhileIsNotShownAfterwardsThoughNobodyToldTheCache) {
  ASSERT_EQ(shown(stage_, here(), path_, session_), 0);
  ASSERT_EQ(shown(stage_, there(), path_, session_), 0);
  cache_.kill9();
  backend_.database().execute(
      "update users set display_name = '1' where email = 'ada@example.org'");
  EXPECT_EQ(shown(stage_, here(), path_, session_), 1);
  cache_.start();
  EXPECT_TRUE(stage_.until([&] { return health(here()) == 200 && health(there()) == 200; }));

  EXPECT_EQ(shown(stage_, here(), path_, session_), 1);
  EXPECT_EQ(shown(stage_, there(), path_, session_), 1);
}

TEST_F(CacheLossTest, AChangeMadeOnOneProcessIsSeenByAStrangerOnTheOtherWithinTwoSeconds) {
  const auto seen = [&](const std::string& server) {
    return shown(stage_, server, path_, {});
  };
  for (int i = 0; i < 10; ++i) {
    const std::string& writer = i % 2 == 0 ? here() : there();
    const std::string& reader = i % 2 == 0 ? there() : here();
    for (int n = 0; n < 5; ++n) EXPECT_EQ(seen(reader), named_);  // Remembered by that process.
    rename(writer);
    EXPECT_TRUE(stage_.until([&] { return seen(reader) == named_; }, Millis(2000)));
    EXPECT_EQ(shown(stage_, reader, path_, session_), named_);
  }
  const std::string metrics = stage_.call(there(), "GET", "/metrics").body;
  const std::string hits = R"(seendr_cache_hits_total{class="profile",level="memory"} )";
  const std::size_t at = metrics.find(hits);
  ASSERT_NE(at, std::string::npos) << metrics;
  EXPECT_GE(std::stoi(metrics.substr(at + hits.size())), 10) << "it was remembered";
}

}  // namespace
}  // namespace seendr::test
