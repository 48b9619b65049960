#include "leaderboard/ranking.hpp"

#include <charconv>

#include "leaderboard/keys.hpp"
#include "leaderboard/make.lua.hpp"
#include "leaderboard/read.lua.hpp"

namespace seendr::leaderboard {

namespace {

std::string text_of(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return std::string(text, end);
}

double number_of(const std::string& text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc()) {
    throw system_error(make_error_code(redis::Errc::bad_reply), "score " + text);
  }
  return number;
}

// What read.lua returns.
std::vector<Place> places_of(const redis::Reply& reply) {
  const std::vector<redis::Reply>& fields = reply.as_array();
  std::vector<Place> places;
  for (std::size_t i = 1; i + 1 < fields.size(); i += 2) {
    const std::int64_t rank = fields[0].as_int() + static_cast<std::int64_t>(i / 2);
    places.push_back(Place{rank, fields[i].text(), -number_of(fields[i + 1].text())});
  }
  return places;
}

}  // namespace

Ranking::Ranking(const Env& env, redis::Client& redis)
    : redis_(redis),
      make_(kMakeLua),
      read_(kReadLua),
      made_(env.metrics.counter("seendr_leaderboard_rankings_total", "Rankings that were made.")) {}

awaitable<std::vector<Place>> Ranking::top(Sum sum, std::size_t count) {
  std::vector<std::string> argv{"top", std::to_string(count)};
  co_return co_await read(sum, std::move(argv));
}

awaitable<std::vector<Place>> Ranking::around(Sum sum, std::string name, std::size_t each_side) {
  std::vector<std::string> argv{"around", std::move(name), std::to_string(each_side)};
  co_return co_await read(sum, std::move(argv));
}

awaitable<std::vector<Place>> Ranking::read(const Sum& sum, std::vector<std::string> argv) {
  const std::vector<std::string> keys(1, sum.key);
  redis::Reply reply = co_await read_.run(redis_, keys, argv);
  if (reply.is_nil()) {
    co_await make(sum, true);
    reply = co_await read_.run(redis_, keys, argv);
  }
  co_return places_of(reply);  // Still nil when there is nothing to rank.
}

// A ranking holds negated scores, see read.lua; a part holds them as they are.
awaitable<void> Ranking::make(const Sum& sum, bool ranked) {
  for (const Sum& part : sum.parts) co_await make(part, false);
  std::vector<std::string> keys{sum.key, work_key(sum.key)};
  std::vector<std::string> argv{std::to_string(sum.life.count()),
                                std::to_string(sum.sources.size()),
                                std::to_string(sum.least_crowd)};
  for (const Source& source : sum.sources) {
    keys.push_back(source.key);
    argv.push_back(text_of(ranked ? -source.weight : source.weight));
  }
  keys.insert(keys.end(), sum.crowds.begin(), sum.crowds.end());
  co_await make_.run(redis_, keys, argv);
  if (ranked) made_.Increment();
}

}  // namespace seendr::leaderboard
