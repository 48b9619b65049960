#include "tasks/inspector.hpp"

#include <algorithm>

#include "redis/check.hpp"
#include "tasks/keys.hpp"

namespace seendr::tasks {

namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kFindLimit = 10'000;

// Of "<list>\n<envelope>".
SeenTask seen_in(Stage stage, const std::string& record) {
  const std::size_t end = record.find('\n');
  const bool whole = end != std::string::npos;
  return SeenTask{stage, whole ? record.substr(0, end) : std::string(), "", 0,
                  decode(whole ? std::string_view(record).substr(end + 1) : "")};
}

}  // namespace

awaitable<Sizes> Inspector::sizes(std::vector<std::string> queues) {
  redis::Pipeline all;
  all.add("HLEN", std::string_view(kHeldKey));
  all.add("ZCARD", std::string_view(kTimersKey));
  all.add("ZCARD", std::string_view(kDeadKey));
  for (const std::string& queue : queues) {
    for (std::size_t step = 0; step < kSteps.size(); ++step) all.add("LLEN", list_key(queue, step));
  }
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(all));
  redis::throw_if_error(replies);
  Sizes sizes;
  sizes.running = static_cast<std::size_t>(replies[0].as_int());
  sizes.delayed = static_cast<std::size_t>(replies[1].as_int());
  sizes.dead = static_cast<std::size_t>(replies[2].as_int());
  std::size_t at = 3;
  for (std::string& queue : queues) {
    QueueSize size{std::move(queue)};
    for (std::size_t step = 0; step < kSteps.size(); ++step) {
      size.waiting += static_cast<std::size_t>(replies[at++].as_int());
    }
    sizes.queues.push_back(std::move(size));
  }
  co_return sizes;
}

awaitable<std::vector<SeenTask>> Inspector::waiting(std::string queue, std::size_t limit) {
  std::vector<SeenTask> found;
  for (std::size_t step = 0; step < kSteps.size(); ++step) {
    const std::string list = list_key(queue, step);
    for (std::size_t from = 0; found.size() < limit;) {
      const auto count = static_cast<std::int64_t>(std::min(kPage, limit - found.size()));
      const std::int64_t last = -static_cast<std::int64_t>(from) - 1;  // Taken from the right.
      const redis::Command range("LRANGE", list, last - count + 1, last);
      const redis::Reply reply = co_await redis_.exec(range);
      const std::vector<redis::Reply>& page = reply.as_array();
      for (auto it = page.rbegin(); it != page.rend(); ++it) {
        found.push_back(SeenTask{Stage::waiting, list, "", 0, decode(it->text())});
      }
      from += page.size();
      if (page.size() < static_cast<std::size_t>(count)) break;
    }
  }
  co_return found;
}

awaitable<std::vector<SeenTask>> Inspector::running(std::size_t limit) {
  std::vector<SeenTask> found;
  std::string cursor = "0";
  do {
    const redis::Command scan("HSCAN", std::string_view(kHeldKey), cursor, "COUNT", kPage);
    const redis::Reply reply = co_await redis_.exec(scan);
    cursor = reply.as_array().at(0).text();
    const std::vector<redis::Reply>& pairs = reply.as_array().at(1).as_array();
    for (std::size_t i = 0; i + 1 < pairs.size() && found.size() < limit; i += 2) {
      SeenTask seen = seen_in(Stage::running, pairs[i + 1].text());
      const std::string delivery = pairs[i].text();
      seen.worker = delivery.substr(0, delivery.find('.'));
      found.push_back(std::move(seen));
    }
  } while (cursor != "0" && found.size() < limit);
  co_return found;
}

awaitable<std::vector<SeenTask>> Inspector::delayed(std::size_t limit) {
  std::vector<SeenTask> found;
  while (found.size() < limit) {
    const std::size_t count = std::min(kPage, limit - found.size());
    const redis::Command range("ZRANGE", std::string_view(kTimersKey), found.size(),
                               found.size() + count - 1, "WITHSCORES");
    const redis::Reply reply = co_await redis_.exec(range);
    const std::vector<redis::Reply>& timers = reply.as_array();
    if (timers.empty()) break;
    redis::Command get("HMGET", std::string_view(kTimedKey));
    for (std::size_t i = 0; i + 1 < timers.size(); i += 2) get.arg(timers[i].text());
    const redis::Reply records = co_await redis_.exec(std::move(get));
    for (std::size_t i = 0; i < records.as_array().size(); ++i) {
      const std::string* record = records.as_array()[i].as_string();
      if (!record) continue;  // Due meanwhile.
      SeenTask seen = seen_in(Stage::delayed, *record);
      seen.due_ms = timers[2 * i + 1].as_int();
      found.push_back(std::move(seen));
    }
    if (timers.size() < 2 * count) break;
  }
  co_return found;
}

awaitable<std::optional<SeenTask>> Inspector::find(std::string id,
                                                   std::vector<std::string> queues) {
  const auto has_id = [&id](const SeenTask& task) {
    return task.message && task.message->id == id;
  };
  std::vector<SeenTask> all = co_await running(kFindLimit);
  auto found = std::find_if(all.begin(), all.end(), has_id);
  if (found != all.end()) co_return std::move(*found);
  all = co_await delayed(kFindLimit);
  found = std::find_if(all.begin(), all.end(), has_id);
  if (found != all.end()) co_return std::move(*found);
  for (std::string& queue : queues) {
    all = co_await waiting(std::move(queue), kFindLimit);
    found = std::find_if(all.begin(), all.end(), has_id);
    if (found != all.end()) co_return std::move(*found);
  }
  co_return std::nullopt;
}

awaitable<std::size_t> Inspector::purge(std::string queue) {
  redis::Pipeline all;
  for (std::size_t step = 0; step < kSteps.size(); ++step) {
    all.add("LLEN", list_key(queue, step));
    all.add("DEL", list_key(queue, step));
  }
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(all));
  redis::throw_if_error(replies);
  std::size_t count = 0;
  for (std::size_t i = 0; i < replies.size(); i += 2) {
    count += static_cast<std::size_t>(replies[i].as_int());
  }
  co_return count;
}

}  // namespace seendr::tasks
