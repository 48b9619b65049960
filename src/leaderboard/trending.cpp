#include "leaderboard/trending.hpp"

#include <algorithm>
#include <cassert>

#include "leaderboard/keys.hpp"

namespace seendr::leaderboard {

namespace {

constexpr Millis kSettled{600'000};  // After its end nothing is counted into an hour any more.
constexpr Millis kDaySumLife = 9 * 24 * kHour;

std::string_view name_of(Period period) {
  switch (period) {
    case Period::today:
      return "today";
    case Period::hour:
      return "hour";
    case Period::day:
      return "day";
    case Period::week:
      return "week";
  }
  assert(false);
  return "";
}

Millis length_of(Period period) {
  switch (period) {
    case Period::hour:
      return kHour;
    case Period::week:
      return 7 * 24 * kHour;
    default:
      return 24 * kHour;
  }
}

}  // namespace

Trending::Trending(const Env& env, redis::Client& redis, TrendingOptions options)
    : env_(env), options_(std::move(options)), ranking_(env, redis) {
  assert(!options_.shards.empty() && options_.fresh > Millis(0));
}

Sum Trending::sum_of(Period period) const {
  const std::int64_t now = env_.clock.wall_ms();
  const std::int64_t start =
      period == Period::today ? options_.zone.midnight(now) : now - length_of(period).count();
  Sum sum;
  sum.key = trending_prefix(options_.shards.front()) + std::string(name_of(period)) + ":" +
            std::to_string(now / options_.fresh.count());
  sum.life = options_.fresh + kReadGrace;

  const std::int64_t settled_hour = (now - kSettled.count()) / kHour.count();
  const std::vector<Slice> hours = slices_between(start, now, kHour, Millis(0));
  for (std::size_t i = 0; i < hours.size();) {
    const Slice& hour = hours[i];
    if (hour.whole && hour.number % 24 == 0 && hour.number + 24 <= settled_hour) {
      sum.parts.push_back(day_sum(hour.number));
      sum.sources.push_back(Source{sum.parts.back().key, 1});
      i += 24;
      continue;
    }
    for (const std::string& shard : options_.shards) {
      sum.sources.push_back(Source{matched_key(shard, hour.number), hour.weight});
    }
    ++i;
  }
  return sum;
}

Sum Trending::day_sum(std::int64_t first_hour) const {
  Sum sum;
  sum.key = day_sum_key(options_.shards.front(), first_hour);
  sum.life = kDaySumLife;
  for (std::int64_t hour = first_hour; hour < first_hour + 24; ++hour) {
    for (const std::string& shard : options_.shards) {
      sum.sources.push_back(Source{matched_key(shard, hour), 1});
    }
  }
  return sum;
}

awaitable<std::vector<Place>> Trending::top(Period period, std::size_t count) {
  Sum sum = sum_of(period);
  co_return co_await ranking_.top(std::move(sum), count);
}

awaitable<std::vector<Place>> Trending::day(std::int64_t start_ms, std::int64_t end_ms,
                                            std::size_t count) {
  Sum sum;
  sum.key = trending_prefix(options_.shards.front()) + "day:" + std::to_string(start_ms);
  sum.life = kReadGrace;
  for (const Slice& hour : slices_between(start_ms, end_ms, kHour, Millis(0))) {
    const std::int64_t rest = end_ms - hour.number * kHour.count();  // The day may end within it.
    if (rest <= 0) continue;
    const double part =
        std::min(1.0, static_cast<double>(rest) / static_cast<double>(kHour.count()));
    for (const std::string& shard : options_.shards) {
      sum.sources.push_back(Source{matched_key(shard, hour.number), hour.weight * part});
    }
  }
  co_return co_await ranking_.top(std::move(sum), count);
}

awaitable<std::optional<Place>> Trending::rank(Period period, std::string slug) {
  Sum sum = sum_of(period);
  const std::vector<Place> places = co_await ranking_.around(std::move(sum), std::move(slug), 0);
  if (places.empty()) co_return std::nullopt;
  co_return places.front();
}

awaitable<std::vector<Place>> Trending::around(Period period, std::string slug,
                                               std::size_t each_side) {
  Sum sum = sum_of(period);
  co_return co_await ranking_.around(std::move(sum), std::move(slug), each_side);
}

}  // namespace seendr::leaderboard
