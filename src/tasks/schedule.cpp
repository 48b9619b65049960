#include "tasks/schedule.hpp"

#include <algorithm>
#include <set>

#include "codec/crypto.hpp"

namespace seendr::tasks {

namespace {

constexpr std::chrono::seconds kLongestInterval{366 * 86'400};
constexpr Millis kLongestJitter{86'400'000};
constexpr std::size_t kLongestName = 200;

std::int64_t unix_s(Instant time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// What the zone's clocks show.
LocalMinute shown_at(const TimeZone& zone, Instant time) {
  const std::chrono::seconds local(unix_s(time) + zone.offset_s(unix_s(time)));
  return std::chrono::floor<std::chrono::minutes>(
      std::chrono::local_time<std::chrono::seconds>(local));
}

Instant first_at(const TimeZone& zone, LocalMinute local) {
  const std::chrono::seconds shown = local.time_since_epoch();
  return Instant(std::chrono::seconds(zone.first_at(shown.count())));
}

// Local times in order have instants in order, but several may have the same one: where a change of
// the clock leaves them out.
Instant next_of(const Calendar& calendar, Instant time) {
  LocalMinute local = shown_at(calendar.zone, time);
  for (;;) {
    local = calendar.crontab.next_after(local);
    const Instant instant = first_at(calendar.zone, local);
    if (instant > time) return instant;
  }
}

// After the clock was set back it shows earlier times than it has shown already.
Instant last_of(const Calendar& calendar, Instant time) {
  LocalMinute local = calendar.crontab.last_until(shown_at(calendar.zone, time));
  for (;;) {
    const LocalMinute later = calendar.crontab.next_after(local);
    if (first_at(calendar.zone, later) > time) return first_at(calendar.zone, local);
    local = later;
  }
}

Instant last_of(const Interval& interval, Instant time) {
  const std::int64_t every = interval.every.count();
  const std::int64_t s = unix_s(time);
  return Instant(std::chrono::seconds(s - (s % every + every) % every));
}

Instant next_of(const Interval& interval, Instant time) {
  return last_of(interval, time) + interval.every;
}

// No run is later after its instant than this.
Millis longest_delay(const Entry& entry) {
  const auto* interval = std::get_if<Interval>(&entry.when);
  return interval ? std::min<Millis>(entry.jitter, interval->every) : entry.jitter;
}

std::optional<std::string> problem_of_entry(const Entry& entry) {
  if (entry.name.empty() || entry.name.size() > kLongestName) {
    return "its name has 1 to 200 characters";
  }
  if (entry.task.empty()) return "it names no task";
  if (entry.queue.empty() || entry.queue.find('\n') != std::string::npos) {
    return "its queue has no name";
  }
  if (entry.jitter < Millis(0) || entry.jitter > kLongestJitter) return "its jitter is 0 to 24 h";
  const auto* interval = std::get_if<Interval>(&entry.when);
  if (!interval) return std::nullopt;
  if (interval->every < std::chrono::seconds(1) || interval->every > kLongestInterval) {
    return "its interval is 1 s to 366 days";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> problem_of(const std::vector<Entry>& entries) {
  if (entries.size() > kMaxEntries) return "The schedule has more than 1000 entries";
  std::set<std::string_view> names;
  for (const Entry& entry : entries) {
    std::optional<std::string> problem = problem_of_entry(entry);
    if (!problem && !names.insert(entry.name).second) problem = "there are two of that name";
    if (problem) return "The schedule's entry \"" + entry.name + "\": " + *problem;
  }
  return std::nullopt;
}

Instant next_after(const Entry& entry, Instant time) {
  return std::visit([time](const auto& when) { return next_of(when, time); }, entry.when);
}

Instant last_until(const Entry& entry, Instant time) {
  return std::visit([time](const auto& when) { return last_of(when, time); }, entry.when);
}

Instant run_time(const Entry& entry, Instant instant) {
  if (entry.jitter == Millis(0)) return instant;
  const Millis pause = next_after(entry, instant) - instant;
  const auto room = static_cast<std::uint64_t>(std::min(entry.jitter, pause).count());
  const std::string seed =
      sha256(entry.name + "\n" + std::to_string(instant.time_since_epoch().count()));
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof(number); ++i) {
    number = number << 8 | static_cast<unsigned char>(seed[i]);
  }
  return instant + Millis(number % room);
}

Due due(const Entry& entry, Instant settled, Instant now) {
  Due due;
  due.settled = settled;
  const Instant on_time = now - kOnTime;
  std::optional<Instant> missed;

  // What is late whatever its jitter, which may be years of it.
  Instant from = settled;
  const Instant surely_late = on_time - longest_delay(entry) - Millis(1);
  if (surely_late > settled) {
    from = surely_late;
    const Instant last = last_until(entry, surely_late);
    if (last > settled) missed = last;
  }

  Instant instant = next_after(entry, from);
  for (; run_time(entry, instant) <= now; instant = next_after(entry, instant)) {
    if (run_time(entry, instant) < on_time) {
      missed = instant;
    } else {
      due.instants.push_back(instant);
    }
  }
  due.next = run_time(entry, instant);

  due.missed = missed.has_value();
  if (missed) due.settled = *missed;
  if (!due.instants.empty()) {
    due.settled = due.instants.back();
  } else if (missed && entry.missed == Missed::run_once) {
    due.instants.push_back(*missed);
  }
  return due;
}

}  // namespace seendr::tasks
