// Schedulers by a clock that the test moves, and what they enqueued.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/redis_test.hpp"
#include "tasks/message_format.hpp"
#include "tasks/scheduler.hpp"

namespace seendr::tasks {

class SchedulerStage : public test::RedisTest {
 protected:
  using SchedulerPtr = std::unique_ptr<Scheduler>;

  static Entry every(std::chrono::seconds time, std::string name = "tidy") {
    return Entry{.name = std::move(name), .task = "app.tidy", .when = Interval{time}};
  }

  SchedulerPtr scheduler(std::vector<Entry> entries) {
    SchedulerOptions options;
    options.store = store_options_;
    return std::make_unique<Scheduler>(env(), redis(), std::move(entries), options);
  }

  Instant now() const { return Instant(Millis(env_.clock.wall_ms())); }

  awaitable<std::int64_t> waiting() {
    const redis::Command length("LLEN", "celery");
    const redis::Reply reply = co_await redis().exec(length);
    co_return reply.as_int();
  }

  // All messages, as workers take them.
  awaitable<std::vector<Message>> take() {
    std::vector<Message> messages;
    for (;;) {
      const redis::Command pop("RPOP", "celery");
      const redis::Reply reply = co_await redis().exec(pop);
      if (reply.is_nil()) co_return messages;
      messages.push_back(decode(reply.text()).value());
    }
  }

  static std::string header(const Message& message, std::string_view name) {
    return std::string(message.headers.at(name).as_string());
  }

  // What the messages of an entry were enqueued for, in their order.
  static std::vector<Instant> instants(const std::vector<Message>& messages,
                                       const std::string& entry = "tidy") {
    std::vector<Instant> instants;
    for (const Message& message : messages) {
      if (header(message, "periodic_task_name") != entry) continue;
      const Time time = from_iso(header(message, "seendr_instant")).value();
      instants.push_back(std::chrono::floor<Millis>(time));
    }
    return instants;
  }

  // The entry's next `count` instants.
  static std::vector<Instant> expected(const Entry& entry, Instant after, std::size_t count) {
    std::vector<Instant> instants;
    while (instants.size() < count) {
      after = next_after(entry, after);
      instants.push_back(after);
    }
    return instants;
  }

  ScheduleStoreOptions store_options_{.clock = &env_.clock};
};

}  // namespace seendr::tasks
