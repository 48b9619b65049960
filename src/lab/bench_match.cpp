#include "lab/bench_match.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"

#include <sys/resource.h>

namespace seendr::lab {
namespace {

constexpr Millis kTick{1};
constexpr Millis kJoined{1000};  // For the last who connected to be in the pool everywhere.
constexpr Millis kRedisLimit{5000};
constexpr Millis kGrace{1000};        // Within which the second side must have been told.
constexpr Millis kSeatsKept{20'000};  // Longer than match.room_grace_ms.

// Each player takes a descriptor; the soft limit is often 1,024.
void allow_many_sockets() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string name_of(Manner manner, Shape shape) {
  const std::string start = manner == Manner::article ? "article" : "standing";
  return start + (shape == Shape::burst ? "_burst" : "_open_loop");
}

void shuffle(std::vector<Player*>& players, Random& random) {
  for (std::size_t i = players.size(); i > 1; --i)
    std::swap(players[i - 1], players[random.below(i)]);
}

// A client of the Redis whose cost is measured, and its loop.
class Meter {
 public:
  Meter(const Env& env, Executor executor, const std::string& url)
      : client_(env, executor, options(url)), group_(executor, [](const auto&, const auto&) {}) {
    group_.spawn("redis", client_.run());
  }

  awaitable<RedisCost> read() {
    co_await client_.wait_connected(kRedisLimit);
    RedisCost cost = co_await read_cost(client_);
    co_return cost;
  }

  awaitable<void> close() {
    group_.cancel();
    co_await group_.join();
  }

 private:
  static redis::ClientOptions options(const std::string& url) {
    redis::ClientOptions out;
    out.url = redis::parse_url(url).value();
    out.client_name = "seendr-bench";
    return out;
  }

  redis::Client client_;
  TaskGroup group_;
};

// One manner in one shape.
class Run {
 public:
  Run(const Env& env, const BenchMatchOptions& options, Executor executor, Meter* meter,
      Manner manner, Shape shape)
      : env_(env),
        options_(options),
        meter_(meter),
        manner_(manner),
        shape_(shape),
        crowd_(env, executor) {}

  // `first`: where this run's people begin.
  void invite(const std::vector<Person>& people, std::size_t first) {
    std::vector<http::ClientTarget> servers;
    for (const std::string& url : options_.servers) servers.push_back(parse_server(url));
    for (std::size_t i = 0; i < options_.connected; ++i) {
      Player& player = crowd_.add(people[first + i], servers[i % servers.size()], manner_);
      player.on_match(
          [this](Player& matched) { matched_.emplace_back(env_.clock.now(), &matched); });
    }
    idle_ = crowd_.players();
    shuffle(idle_, env_.random);
  }

  awaitable<BenchResult> play() {
    result_.what = name_of(manner_, shape_);
    result_.connected = options_.connected;
    result_.servers = options_.servers.size();
    std::fprintf(stderr, "%s: connecting %zu people\n", result_.what.c_str(), options_.connected);
    co_await crowd_.connect();
    co_await sleep_for(kJoined);
    std::optional<RedisCost> before;
    if (meter_) {
      before = co_await meter_->read();
    }
    if (shape_ == Shape::burst) {
      co_await burst();
    } else {
      co_await open_loop();
    }
    if (before) {
      const RedisCost after = co_await meter_->read();
      result_.redis = difference(*before, after);
    }
    if (shape_ == Shape::burst) {
      co_await sleep_for(std::max(options_.hold, kGrace));
    }
    add_times(crowd_.witness(), result_);
    result_.violations = crowd_.violations(kGrace);
    for (const auto& [what, count] : crowd_.troubles()) result_.troubles[what] += count;
    co_return std::move(result_);
  }

  awaitable<void> close() { co_await crowd_.close(); }

 private:
  using Time = std::chrono::steady_clock::time_point;

  awaitable<void> burst() {
    const std::vector<Player*> searchers(
        idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(options_.searching));
    result_.size = searchers.size();
    result_.searches = searchers.size();
    std::fprintf(stderr, "%s: %zu search\n", result_.what.c_str(), searchers.size());
    for (Player* player : searchers) player->search(Wish());
    const std::function<bool()> done = [&searchers] {
      std::vector<const Player*> waiting;
      for (const Player* player : searchers) {
        if (player->searching()) waiting.push_back(player);
      }
      const bool is_answered_at_once = searchers.front()->manner() == Manner::article;
      return is_answered_at_once ? waiting.empty() : left_over(waiting) == 0;
    };
    const bool finished = co_await crowd_.wait_until(done, options_.limit);
    if (!finished) ++result_.troubles["searches still unanswered at the limit"];
  }

  awaitable<void> open_loop() {
    const auto period = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(1 / options_.per_second));
    result_.size = static_cast<std::size_t>(options_.per_second);
    std::fprintf(stderr, "%s: %zu searches a second\n", result_.what.c_str(), result_.size);
    Time due = env_.clock.now();
    const Time end = due + options_.duration;
    while (due < end) {
      for (; due <= env_.clock.now() && due < end; due += period) start_one();
      end_calls();
      co_await sleep_for(kTick);
    }
    const Time last = end + options_.limit;
    while (env_.clock.now() < last && (left_over(waiting()) > 0 || !matched_.empty())) {
      end_calls();
      co_await sleep_for(kTick);
    }
  }

  void start_one() {
    for (std::size_t tried = 0; tried < idle_.size(); ++tried) {
      Player& player = *idle_[next_++ % idle_.size()];
      if (!player.connected() || player.searching() || player.leaving()) continue;
      if (!player.room().empty()) continue;
      ++result_.searches;
      player.search(Wish());
      return;
    }
    ++result_.troubles["nobody was free to search"];
  }

  // Matches are noted in order of time and all calls are equally long.
  void end_calls() {
    const Time now = env_.clock.now();
    while (!matched_.empty() && matched_.front().first + options_.call <= now) {
      matched_.front().second->leave();
      matched_.pop_front();
    }
  }

  std::vector<const Player*> waiting() const {
    std::vector<const Player*> out;
    for (const Player* player : idle_) {
      if (player->searching()) out.push_back(player);
    }
    return out;
  }

  const Env& env_;
  const BenchMatchOptions& options_;
  Meter* meter_;
  Manner manner_;
  Shape shape_;
  std::vector<Player*> idle_;  // Everybody, in random order.
  std::size_t next_ = 0;
  std::deque<std::pair<Time, Player*>> matched_;
  BenchResult result_;
  Crowd crowd_;
};

void check(const BenchMatchOptions& options) {
  if (options.servers.empty()) throw std::runtime_error("no server to play against");
  if (options.searching == 0 || options.searching > options.connected) {
    throw std::runtime_error("between 1 and all of the connected people must search");
  }
  if (!(options.per_second > 0)) throw std::runtime_error("the rate must be more than 0 a second");
}

// Enough guests for each run to have its own; people of a file may be played again.
awaitable<std::vector<Person>> gather(const Env& env, const BenchMatchOptions& options) {
  if (options.users_file.empty()) {
    const http::ClientTarget server = parse_server(options.servers.front());
    const std::size_t count = options.connected * options.manners.size() * options.shapes.size();
    std::vector<Person> guests = co_await sign_in_guests(server, count, env.random);
    co_return guests;
  }
  std::vector<Person> people = read_people(options.users_file);
  if (people.size() < options.connected) {
    throw std::runtime_error(options.users_file + " has only " + std::to_string(people.size()) +
                             " people");
  }
  co_return people;
}

// Plays one run and puts everything away, also when it fails.
awaitable<BenchResult> run_one(Run& run) {
  BenchResult result;
  std::exception_ptr failure;
  try {
    result = co_await run.play();
  } catch (...) {
    failure = std::current_exception();
  }
  co_await run.close();
  if (failure) std::rethrow_exception(failure);
  co_return result;
}

awaitable<bool> run_all(const Env& env, const BenchMatchOptions& options, Meter* meter) {
  const Executor executor = co_await net::this_coro::executor;
  const std::vector<Person> people = co_await gather(env, options);
  bool clean = true;
  std::size_t first = 0;
  for (const Manner manner : options.manners) {
    for (const Shape shape : options.shapes) {
      Run run(env, options, executor, meter, manner, shape);
      // People of the run before may still be kept a seat; others come while there are any.
      const bool used_up = first + options.connected > people.size();
      if (used_up) {
        first = 0;
        std::fprintf(stderr, "waiting until everybody has left the rooms of the run before\n");
        co_await sleep_for(kSeatsKept);
      }
      run.invite(people, first);
      first += options.connected;
      const BenchResult result = co_await run_one(run);
      clean = clean && result.violations.empty();
      const std::string text = options.json ? json_lines(result) : table(result);
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
      if (!options.json) continue;
      const std::string shown = table(result);
      std::fwrite(shown.data(), 1, shown.size(), stderr);
    }
  }
  co_return clean;
}

}  // namespace

awaitable<int> run_bench_match(const Env& env, BenchMatchOptions options) {
  check(options);
  allow_many_sockets();
  const Executor executor = co_await net::this_coro::executor;
  std::optional<Meter> meter;
  if (!options.redis_url.empty()) meter.emplace(env, executor, options.redis_url);
  std::exception_ptr failure;
  bool clean = false;
  try {
    Meter* used = meter ? &*meter : nullptr;
    clean = co_await run_all(env, options, used);
  } catch (...) {
    failure = std::current_exception();
  }
  if (meter) {
    co_await meter->close();
  }
  if (failure) std::rethrow_exception(failure);
  co_return clean ? 0 : 1;
}

}  // namespace seendr::lab
