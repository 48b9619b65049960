#include "app/presence.hpp"

#include "app/cache_ttls.hpp"
#include "base/number.hpp"
#include "redis/check.hpp"
#include "runtime/sleep.hpp"

namespace seendr::app {

namespace {

constexpr const char* kHosts = "seendr:app:hosts";
constexpr const char* kHours = "seendr:app:hours";
constexpr const char* kMinute = "seendr:app:hours:minute";
constexpr Millis kCountEvery{1000};
constexpr int kHostsEvery = 3;  // Looks between two counts of hosts.
constexpr int kHourEvery = 60;  // Looks between two samples of the hour.
constexpr std::int64_t kHostFresh = cache_ttl::kOnline.count();  // Silent longer: does not count.
constexpr std::int64_t kHostForget = 3'600'000;                  // And is removed after this long.
constexpr std::int64_t kEnoughSamples = 30;  // Minutes an hour of the day must have been seen.

std::int64_t number(std::string_view text) {
  return parse_number<std::int64_t>(text).value_or(0);
}

// A field of kHosts is "<unix ms>|<people>".
struct HostSign {
  std::int64_t at_ms = 0;
  std::size_t people = 0;
};

HostSign host_sign(std::string_view value) {
  const std::size_t bar = value.find('|');
  return HostSign{number(value.substr(0, bar)),
                  static_cast<std::size_t>(number(value.substr(bar + 1)))};
}

}  // namespace

std::shared_ptr<const PresenceView> PresenceBoard::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

void PresenceBoard::publish(PresenceView view) {
  auto next = std::make_shared<const PresenceView>(std::move(view));
  const std::lock_guard lock(mutex_);
  view_ = std::move(next);
}

awaitable<std::set<std::string>> living_hosts(redis::Client& redis, std::int64_t now_ms) {
  redis::Command get("HGETALL", kHosts);
  const redis::Reply reply = co_await redis.exec(std::move(get));
  std::set<std::string> living;
  const std::vector<redis::Reply>& fields = reply.as_array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const HostSign sign = host_sign(fields[i + 1].text());
    if (now_ms - sign.at_ms <= kHostFresh) living.insert(fields[i].text());
  }
  co_return living;
}

PresenceKeeper::PresenceKeeper(const Env& env, redis::Client& redis, std::string instance,
                               std::function<Local()> look, PresenceBoard& board)
    : env_(env),
      redis_(redis),
      instance_(std::move(instance)),
      look_(std::move(look)),
      board_(board) {}

awaitable<void> PresenceKeeper::run() {
  for (int turn = 0;; ++turn) {
    const Local local = look_();
    std::exception_ptr failure;
    try {
      if (turn % kHostsEvery == 0) {
        co_await count_hosts(local.online);
      }
      if (turn % kHourEvery == 0) {
        co_await count_hour(local.online + online_elsewhere_);
      }
    } catch (const system_error&) {
      failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);

    PresenceView view;
    view.online = local.online + online_elsewhere_;
    view.searching = local.matching.searching;
    view.searching_by_interest = local.matching.searching_by_interest;
    view.wait = local.matching.wait;
    view.usual_by_hour = usual_;
    board_.publish(std::move(view));
    co_await sleep_for(kCountEvery);
  }
}

awaitable<void> PresenceKeeper::count_hosts(std::size_t online_here) {
  const std::int64_t now = env_.clock.wall_ms();
  redis::Pipeline commands;
  commands.add(redis::Command("HSET", kHosts, instance_,
                              std::to_string(now) + "|" + std::to_string(online_here)));
  commands.add(redis::Command("HGETALL", kHosts));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);

  std::size_t elsewhere = 0;
  redis::Command forget("HDEL", kHosts);
  bool any = false;
  const std::vector<redis::Reply>& fields = replies[1].as_array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string host = fields[i].text();
    const HostSign sign = host_sign(fields[i + 1].text());
    const std::int64_t age = now - sign.at_ms;
    if (age > kHostForget) {
      forget.arg(host);
      any = true;
    } else if (host != instance_ && age <= kHostFresh) {
      elsewhere += sign.people;
    }
  }
  online_elsewhere_ = elsewhere;
  if (any) {
    co_await redis_.exec(std::move(forget));
  }
}

// Fields are "<hour>:sum" and "<hour>:n"; one process a minute adds to them.
awaitable<void> PresenceKeeper::count_hour(std::size_t online) {
  const std::int64_t minute = env_.clock.wall_ms() / 60'000;
  const std::string hour = std::to_string(minute / 60 % 24);
  redis::Command claim("SET", kMinute, minute, "NX", "EX", 55);
  const redis::Reply mine = co_await redis_.exec(std::move(claim));
  redis::Pipeline commands;
  if (!mine.is_nil()) {
    commands.add(redis::Command("HINCRBY", kHours, hour + ":sum", online));
    commands.add(redis::Command("HINCRBY", kHours, hour + ":n", 1));
  }
  commands.add(redis::Command("HGETALL", kHours));
  const std::vector<redis::Reply> replies = co_await redis_.exec(std::move(commands));
  redis::throw_if_error(replies);

  std::map<std::string, std::int64_t> fields;
  const std::vector<redis::Reply>& all = replies.back().as_array();
  for (std::size_t i = 0; i + 1 < all.size(); i += 2)
    fields[all[i].text()] = number(all[i + 1].text());
  std::array<int, 24> usual{};
  for (int h = 0; h < 24; ++h) {
    const std::int64_t n = fields[std::to_string(h) + ":n"];
    if (n < kEnoughSamples) co_return;  // Not a whole day yet.
    usual[static_cast<std::size_t>(h)] = static_cast<int>(fields[std::to_string(h) + ":sum"] / n);
  }
  usual_ = usual;
}

awaitable<void> PresenceKeeper::close() {
  redis::Command forget("HDEL", kHosts, instance_);
  co_await redis_.exec(std::move(forget));
}

}  // namespace seendr::app
