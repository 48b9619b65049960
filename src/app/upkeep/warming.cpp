#include "app/upkeep/warming.hpp"

#include "runtime/task_group.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kLookEvery = 100;  // Profiles between two looks whether the cache is there.

}  // namespace

// The people of one call, and how far it is.
struct Warming::Turn {
  std::vector<UserId> people;
  std::size_t next = 0;
  std::exception_ptr failure;
};

Warming::Warming(cache::Cache& cache, Profiles& profiles, WarmingOptions options)
    : cache_(cache),
      profiles_(profiles),
      options_(options),
      profile_page_(profile_page(cache, profiles)),
      user_page_(user_page(cache, profiles)) {}

awaitable<std::size_t> Warming::warm() {
  Turn turn;
  if (options_.people <= 0) co_return 0;
  turn.people = co_await profiles_.seen_within(options_.within, options_.people);
  const Executor executor = co_await net::this_coro::executor;
  TaskGroup tasks(executor, [&turn](const std::string&, std::exception_ptr error) {
    if (!turn.failure) turn.failure = error;
    turn.next = turn.people.size();  // The others need not go on.
  });
  for (int i = 0; i < options_.at_once; ++i) tasks.spawn("warm", warm_some(turn));
  std::exception_ptr cancelled;
  try {
    co_await tasks.join();
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    co_await net::this_coro::reset_cancellation_state(net::disable_cancellation());
    tasks.cancel();
    co_await tasks.join();
    std::rethrow_exception(cancelled);
  }
  if (turn.failure) std::rethrow_exception(turn.failure);
  co_return turn.people.size();
}

awaitable<void> Warming::warm_some(Turn& turn) {
  while (turn.next < turn.people.size()) {
    const std::size_t at = turn.next++;
    // Without the cache every profile would be read for nothing; this throws then.
    if (at % kLookEvery == 0) {
      co_await cache_.contains("warming");
    }
    const UserId user = turn.people[at];
    http::Request profile = profile_request(user);
    co_await profile_page_(std::move(profile));
    http::Request with_picture = user_request(user);
    co_await user_page_(std::move(with_picture));
  }
}

}  // namespace seendr::app
