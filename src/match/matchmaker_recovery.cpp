// Snapshots of the pool, and what they and a fail-over mean for own people.
#include "match/matchmaker_state.hpp"
#include "runtime/sleep.hpp"

namespace seendr::match {
namespace {

constexpr std::size_t kRecordsAtOnce = 500;
constexpr std::size_t kCrowd = 10'000;  // Tickets above which processes must not all scan at once.
constexpr std::uint64_t kJitterMs = 2000;

}  // namespace

// After a gap or a new epoch: nobody is claimed before own people are as they were told.
awaitable<void> Matchmaker::State::set_all_right(std::optional<Lost> lost) {
  if (must_resync_) {
    co_await resync(lost);
    co_return;
  }
  is_reconciling_ = true;
  co_await reconcile(lost);
  must_reconcile_.reset();
  is_reconciling_ = false;
}

// Builds a new replica beside the old one, which serves until then.
awaitable<void> Matchmaker::State::resync(std::optional<Lost> lost) {
  is_reconciling_ = lost.has_value();
  const bool is_crowded = replica_ && replica_->engine().size() > kCrowd;
  if (is_crowded && !lost) {
    const Millis jitter(static_cast<std::int64_t>(env_.random.below(kJitterMs)));
    co_await sleep_for(jitter);
  }
  Snapshot snapshot = co_await take_snapshot();
  const Replica::Settings settings{options_.rate_window, options_.suspect, options_.evict};
  const bool is_first = replica_ == nullptr;
  replica_ = std::make_unique<Replica>(settings, std::move(snapshot));
  claims_.clear();
  if (!is_first) {
    co_await reconcile(lost);
  }
  must_resync_ = false;
  must_reconcile_.reset();
  is_reconciling_ = false;
  for (const UserId user : people_.all()) {
    Person& person = *people_.find(user);
    person.in_claim = false;
    plan_search(person);
  }
}

awaitable<Snapshot> Matchmaker::State::take_snapshot() {
  Snapshot snapshot;
  snapshot.position = co_await pool_.log_end();
  snapshot.instances = co_await pool_.instances();
  std::string cursor = "0";
  do {
    Pool::Page page = co_await pool_.scan(cursor);
    cursor = page.cursor;
    for (auto& one : page.people) snapshot.people.push_back(std::move(one));
  } while (cursor != "0");
  co_return snapshot;
}

// Compares what Redis holds of own people with what they were told.
awaitable<void> Matchmaker::State::reconcile(std::optional<Lost> lost) {
  const std::vector<UserId> everybody = people_.all();
  for (std::size_t begin = 0; begin < everybody.size(); begin += kRecordsAtOnce) {
    const std::size_t end = std::min(everybody.size(), begin + kRecordsAtOnce);
    const std::vector<UserId> some(everybody.begin() + static_cast<std::ptrdiff_t>(begin),
                                   everybody.begin() + static_cast<std::ptrdiff_t>(end));
    const auto records = co_await pool_.records(some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      Person* person = people_.find(some[i]);
      if (person && !person->is_driven) set_right(*person, records[i], lost);
      kick(some[i]);
    }
  }
  if (lost) {
    co_await take_out_again();
  }
}

void Matchmaker::State::set_right(Person& person, const std::optional<Record>& record,
                                  const std::optional<Lost>& lost) {
  if (person.place == Place::room) {
    switch (seat_repair(person, record, instance_, lost)) {
      case SeatRepair::nothing:
        break;
      case SeatRepair::restore:
        person.must_restore = true;
        break;
      case SeatRepair::end:
        probe_.reconciled("room_ended");
        room_over(person.room, CloseReason::gone);
        break;
    }
    return;
  }
  const bool is_seated_here = record && record->seat && record->seat->instance == instance_;
  if (is_seated_here) {
    person.place = Place::unknown;  // The driver reads what room that is.
  } else {
    const bool had_ticket = person.place == Place::ticket || person.place == Place::held;
    believe(person, record);
    if (had_ticket && person.place == Place::none) probe_.reconciled("rejoined");
  }
}

// People whom this process took out of pool or room lately: Redis may have forgotten that.
awaitable<void> Matchmaker::State::take_out_again() {
  const std::deque<TakenOut> lately = people_.taken_out();
  for (const TakenOut& taken : lately) {
    if (people_.find(taken.user)) continue;  // Set right above.
    const std::vector<UserId> one(1, taken.user);
    const auto records = co_await pool_.records(one);
    const TakeOutRepair repair = take_out_repair(taken, records.front(), instance_);
    if (repair == TakeOutRepair::leave) {
      probe_.reconciled("left_again");
      const Leaving outcome = co_await pool_.leave(taken.user, taken.session, "left", Millis(0));
      const auto* in_room = std::get_if<InRoom>(&outcome);
      if (!in_room) continue;
      const RoomId room = in_room->room;
      co_await end_room_quietly(room, CloseReason::gone);
    } else if (repair == TakeOutRepair::close) {
      probe_.reconciled("closed_again");
      const RoomId room = records.front()->seat->room;
      co_await end_room_quietly(room, taken.reason);
    }
  }
}

}  // namespace seendr::match
