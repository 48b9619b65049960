// What a worker shows to Celery's tools. The tools themselves: tests/interop/test_celery_remote.py.
#include "tasks/remote.hpp"

#include <algorithm>

#include "codec/text.hpp"

#include "task_host.hpp"

namespace seendr::tasks {
namespace {

// Someone who asks, in the words of kombu.
class RemoteTest : public TasksTest {
 protected:
  static WorkerOptions shown() {
    WorkerOptions options = quick();
    options.remote.node = "a@b";
    options.remote.heartbeat = 50ms;
    return options;
  }

  awaitable<void> wait_for_answers() {
    co_await number("SADD", std::string_view(kReplyBinding), "me\x06\x16\x06\x16me.replies");
  }

  // Asks until somebody hears it.
  awaitable<void> ask(std::string method, std::string who = "me") {
    json::object reply_to;
    reply_to["routing_key"] = std::move(who);
    json::object body;
    body["method"] = std::move(method);
    body["reply_to"] = std::move(reply_to);
    body["ticket"] = "t";
    json::object envelope;
    envelope["body"] = to_base64(bytes(json::serialize(body)));
    const std::string text = json::serialize(envelope);
    std::int64_t heard = 0;
    while (heard == 0) {
      heard = co_await number("PUBLISH", control_channel(0), text);
    }
  }

  awaitable<json::value> answer() {
    const redis::Command pop("BRPOP", "me.replies", 5);
    const redis::Reply reply = co_await another_client().exec(pop);
    if (reply.as_array().size() != 2) co_return nullptr;
    const json::value envelope = json::parse(reply.as_array()[1].text());
    const auto body = from_base64(std::string(envelope.at("body").as_string()));
    co_return json::parse(body.value_or("null"));
  }
};

TEST_F(RemoteTest, WhoAsksIsAnswered) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker(shown());
    co_await wait_for_answers();
    co_await ask("ping");
    const json::value found = co_await answer();

    EXPECT_EQ(json::serialize(found), R"({"a@b":{"ok":"pong"}})");
    co_await host->stop();
  });
}

TEST_F(RemoteTest, WhoHasGoneIsNotAnswered) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker(shown());
    co_await wait_for_answers();
    co_await ask("ping", "gone");
    co_await ask("clock");  // Answered after the other.
    const json::value found = co_await answer();
    const std::int64_t keys = co_await number("DBSIZE");

    EXPECT_TRUE(found.at("a@b").as_object().contains("clock"));
    const std::int64_t expected = 1;  // Who waits for answers.
    EXPECT_EQ(keys, expected);
    co_await host->stop();
  });
}

TEST_F(RemoteTest, AWorkerWithoutANameSaysNothing) {
  run([&]() -> awaitable<void> {
    const auto host = start_worker();
    co_await wait_for_answers();
    co_await ask("ping");
    co_await ask("revoke");
    co_await host->stop();

    const std::int64_t answers = co_await number("EXISTS", "me.replies");
    EXPECT_EQ(answers, 0);
  });
}

TEST_F(RemoteTest, AWorkerSaysThatItComesLivesAndGoes) {
  std::vector<std::string> heard;
  redis::ClientOptions options = redis().options();
  options.client_name = "monitor";
  redis::SubscriberEvents events;
  events.message = [&heard](const redis::Message& message) {
    heard.push_back(message.channel.substr(message.channel.rfind('.') + 1));
  };
  redis::Subscriber monitor(env(), io().get_executor(), options, events);
  for (const char* type : {"worker.online", "worker.heartbeat", "worker.offline"}) {
    monitor.subscribe(event_channel(0, type));
  }
  run([&]() -> awaitable<void> {
    TaskGroup tasks(io().get_executor(), [](const std::string&, std::exception_ptr) {});
    tasks.spawn("monitor", monitor.run());
    co_await monitor.wait_subscribed(5000ms);
    const auto host = start_worker(shown());
    const std::function<bool()> alive = [&heard] {
      return std::count(heard.begin(), heard.end(), "heartbeat") >= 2;
    };
    const bool beats = co_await test::becomes(alive, 5s);
    co_await host->stop();
    const std::function<bool()> gone = [&heard] {
      return heard.back() == "offline";
    };
    const bool left = co_await test::becomes(gone, 5s);

    EXPECT_TRUE(beats);
    EXPECT_TRUE(left);
    EXPECT_EQ(heard.front(), "online");
    tasks.cancel();
    co_await tasks.join();
  });
}

}  // namespace
}  // namespace seendr::tasks
