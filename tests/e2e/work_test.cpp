// Background work: inside `serve`, in processes of its own, and what the commands say about it.
#include "http/listener.hpp"
#include "support/app_servers.hpp"
#include "support/outbox.hpp"

namespace seendr::test {
namespace {

using namespace std::chrono_literals;

class WorkTest : public testing::Test {
 protected:
  // A `seendr worker` or `seendr scheduler` that is ready.
  struct Helper {
    std::shared_ptr<Output> output = std::make_shared<Output>();
    ChildProcess child;

    Helper(Backend& backend, std::vector<std::string> arguments)
        : child(backend.start(arguments, output)) {
      const bool ready =
          output->wait_for("Seendr " + arguments.at(0) + " is ready", 30s).has_value();
      if (!ready) throw std::runtime_error(arguments.at(0) + " is not ready: " + output->text());
    }
  };

  std::string register_at(const std::string& url) {
    static int count = 0;
    const std::string email = "work" + std::to_string(++count) + "@example.org";
    const json::object body{
        {"email", email}, {"password", "correct horse"}, {"display_name", "Ada"}};
    http::Headers headers;
    headers.add("Content-Type", "application/json");
    const http::ClientResponse made = stage_.call(url, "POST", "/api/v1/auth/register",
                                                  std::move(headers), json::serialize(body));
    EXPECT_EQ(made.status, 201) << made.body;
    return email;
  }

  bool becomes(const std::function<bool()>& condition, std::chrono::seconds limit = 15s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(20ms);
    }
    return true;
  }

  bool mailed(const std::string& email) {
    return becomes([&] { return !written_mails(backend_.outbox(), email).empty(); });
  }

  json::array rows(std::vector<std::string> command) {
    command.emplace_back("--json");
    const std::string printed = backend_.run(std::move(command), 30s);
    const std::size_t begin = printed.rfind("\n[") == std::string::npos ? 0 : printed.rfind("\n[");
    return json::parse(printed.substr(printed.find('[', begin))).as_array();
  }

  Backend backend_;
  Stage stage_;
};

TEST_F(WorkTest, WaitsForAWorkerWhenServeRunsNone) {
  backend_.set("SEENDR_LOG_LEVEL=error");
  ServeProcess serve(backend_, {"--no-worker"});
  const std::string email = register_at(serve.url());
  ASSERT_TRUE(becomes([&] { return !rows({"tasks", "list"}).empty(); }));
  const json::object waiting = rows({"tasks", "list"}).at(0).as_object();
  EXPECT_EQ(text_at(waiting, "state"), "waiting");
  EXPECT_EQ(text_at(waiting, "task"), "seendr.mail.verification");
  EXPECT_EQ(text_at(waiting, "queue"), "seendr.mail");
  EXPECT_TRUE(written_mails(backend_.outbox(), email).empty());

  Helper worker(backend_, {"worker"});

  EXPECT_TRUE(mailed(email));
  const std::string id = text_at(waiting, "id");
  ASSERT_TRUE(becomes([&] {
    return backend_.run({"tasks", "show", id}, 30s).find("\"status\":\"SUCCESS\"") !=
           std::string::npos;
  }));
  worker.child.signal(SIGTERM);
  ASSERT_TRUE(worker.child.wait(20s));
  EXPECT_EQ(worker.child.exit_status(), 0) << worker.output->text();
}

TEST_F(WorkTest, ServeWorksByItself) {
  ServeProcess serve(backend_);
  EXPECT_TRUE(mailed(register_at(serve.url()))) << serve.output();
}

TEST_F(WorkTest, AMessageThatIsNoneIsDeadUntilItIsRetried) {
  backend_.set("SEENDR_LOG_LEVEL=error");
  ServeProcess serve(backend_, {"--no-worker"});
  const std::string email = register_at(serve.url());
  RedisServer& redis = backend_.redis();
  redis::Command broken("LPUSH", "seendr", "this is no message");
  stage_.redis(redis.url(), std::move(broken));
  {
    Helper worker(backend_, {"worker"});
    EXPECT_TRUE(mailed(email));
    ASSERT_TRUE(becomes([&] { return !rows({"tasks", "dead"}).empty(); }));
    worker.child.signal(SIGTERM);
    ASSERT_TRUE(worker.child.wait(20s));
  }
  const json::object letter = rows({"tasks", "dead"}).at(0).as_object();
  EXPECT_EQ(text_at(letter, "reason"), "malformed");
  EXPECT_EQ(text_at(letter, "message"), "this is no message");

  EXPECT_NE(backend_.run({"tasks", "retry", text_at(letter, "letter")}, 30s).find("1 retried"),
            std::string::npos);
  EXPECT_TRUE(rows({"tasks", "dead"}).empty());
  const json::object again = rows({"tasks", "list"}).at(0).as_object();
  EXPECT_EQ(text_at(again, "state"), "waiting");
  EXPECT_FALSE(text_at(again, "problem").empty());
  EXPECT_NE(backend_.run({"tasks", "purge", "--queue", "seendr"}, 30s).find("1 dropped"),
            std::string::npos);
  EXPECT_TRUE(rows({"tasks", "list"}).empty());
}

TEST_F(WorkTest, ACancelledTaskIsNotBegun) {
  backend_.set("SEENDR_LOG_LEVEL=error");
  ServeProcess serve(backend_, {"--no-worker"});
  const std::string email = register_at(serve.url());
  ASSERT_TRUE(becomes([&] { return !rows({"tasks", "list"}).empty(); }));
  const std::string id = text_at(rows({"tasks", "list"}).at(0).as_object(), "id");
  EXPECT_EQ(json::parse(backend_.run({"tasks", "cancel", id, "--json"}, 30s)),
            json::value({{"cancelled", id}, {"found", true}}));
  EXPECT_NE(backend_.run({"tasks", "cancel", "nobody"}, 30s).find("no task nobody"),
            std::string::npos);

  Helper worker(backend_, {"worker"});

  EXPECT_TRUE(becomes([&] {
    return backend_.run({"tasks", "show", id}, 30s).find("\"status\":\"REVOKED\"") !=
           std::string::npos;
  }));
  EXPECT_TRUE(written_mails(backend_.outbox(), email).empty());
}

TEST_F(WorkTest, ASilentMailServerHoldsUpNothingElseAndASecondSignalEndsIt) {
  const http::Listener silent(
      {.host = "127.0.0.1", .port = 0});  // Takes connections, says nothing.
  backend_.set("SEENDR_LOG_LEVEL=error");
  backend_.set("SEENDR_MAIL_HOST=127.0.0.1");
  backend_.set("SEENDR_MAIL_PORT=" + std::to_string(silent.port()));
  backend_.set("SEENDR_MAIL_SECURITY=none");
  backend_.set("SEENDR_MAIL_FROM=seendr@example.org");
  backend_.set("SEENDR_TASKS_CONCURRENCY=4");
  backend_.set("SEENDR_LIMITS_REGISTER_ADDRESS=off");
  backend_.set("SEENDR_AUTH_HASH_MEMORY_KIB=8192");
  backend_.set("SEENDR_TASKS_DRAIN_MS=600000");
  ServeProcess serve(backend_);
  for (int i = 0; i < 12; ++i) register_at(serve.url());
  const std::string read = "select count(*) from match_history_read where sequence > ";
  ASSERT_TRUE(becomes([&] { return backend_.database().execute(read + "0") == "1"; }));
  const std::string at = backend_.database().execute("select sequence from match_history_read");
  EXPECT_TRUE(becomes([&] { return backend_.database().execute(read + at) == "1"; }));

  serve.process().signal(SIGTERM);
  EXPECT_FALSE(serve.process().wait(Millis(1500))) << "a mail is on its way";
  serve.process().signal(SIGTERM);
  EXPECT_TRUE(serve.process().wait(Millis(15'000)));
}

TEST_F(WorkTest, TheScheduleIsListedAndRunByHandAndByASchedulerOfItsOwn) {
  backend_.set("SEENDR_LOG_LEVEL=error");
  const auto entry_of = [this](const std::string& name) {
    for (const json::value& row : rows({"schedule", "list"})) {
      if (text_at(row.as_object(), "name") == name) return row.as_object();
    }
    return json::object{};
  };
  const json::object before = entry_of("record_history");
  EXPECT_EQ(text_at(before, "task"), "seendr.history.record");
  EXPECT_EQ(text_at(before, "when"), "every 2 s");
  EXPECT_TRUE(before.at("settled").is_null());
  EXPECT_EQ(text_at(before, "next").size(), 20U);

  EXPECT_NE(backend_.run({"schedule", "run", "record_history"}, 30s).find("enqueued\t"),
            std::string::npos);
  EXPECT_EQ(rows({"tasks", "list"}).size(), 1U);
  EXPECT_THROW(backend_.run({"schedule", "run", "nothing"}, 30s), std::runtime_error);

  Helper scheduler(backend_, {"scheduler"});
  EXPECT_TRUE(becomes([&] { return !entry_of("record_history").at("settled").is_null(); }));
  EXPECT_TRUE(becomes([&] { return rows({"tasks", "list"}).size() > 1; }));
  scheduler.child.signal(SIGTERM);
  ASSERT_TRUE(scheduler.child.wait(20s));
  EXPECT_EQ(scheduler.child.exit_status(), 0) << scheduler.output->text();
}

TEST_F(WorkTest, WrongUseIsToldApart) {
  const auto status = [this](std::vector<std::string> arguments) {
    const auto output = std::make_shared<Output>();
    const ChildProcess child = backend_.start(std::move(arguments), output);
    return child.wait(30s) ? child.exit_status().value_or(-1) : -1;
  };
  EXPECT_EQ(status({"tasks", "purge"}), 2);
  EXPECT_EQ(status({"tasks", "retry"}), 2);
  EXPECT_EQ(status({"tasks", "list", "--state", "asleep"}), 2);
  EXPECT_EQ(status({"tasks", "show", "nobody"}), 1);
  EXPECT_EQ(status({"tasks", "retry", "nobody"}), 1);
  backend_.set("SEENDR_SCHEDULE_PEAK=25:00");
  EXPECT_EQ(status({"worker"}), 2);
}

class HistoryTest : public TwoServers {};

TEST_F(HistoryTest, AMatchIsWrittenDownWithItsEnd) {
  const auto [ada, bob] = pair_of_guests();
  Tab one = stage.v1(here(), ada);
  Tab two = stage.v1(there(), bob);
  const Call call = meet(one, two);
  one.say(in_room("leave_room", call.room));
  two.hear("partner_left");

  const std::string ended = "select count(*) from match_history where room_id = '" + call.room +
                            "' and end_reason = 'left' and ended_at >= made_at and "
                            "abs(extract(epoch from now() - made_at)) < 60";
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (backend().database().execute(ended) != "1" && std::chrono::steady_clock::now() < end) {
    one.overhear(Millis(50));
  }
  EXPECT_EQ(backend().database().execute(ended), "1");
}

}  // namespace
}  // namespace seendr::test
