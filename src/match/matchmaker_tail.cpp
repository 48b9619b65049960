// The log: what other processes, and this one, have done to the pool.
#include "match/matchmaker_state.hpp"
#include "runtime/sleep.hpp"

namespace seendr::match {
namespace {

constexpr Millis kBlock{1000};
constexpr Millis kPause{2};  // Between reads under load, so that a read brings many entries.
constexpr std::size_t kEntriesAtOnce = 256;  // Before others get their turn.

}  // namespace

awaitable<void> Matchmaker::State::tail_loop() {
  if (!replica_) {
    co_await resync(std::nullopt);
  }
  while (true) {
    co_await read_once();
  }
}

awaitable<void> Matchmaker::State::read_once() {
  if (must_resync_ || must_reconcile_) {
    const std::optional<Lost> lost = must_reconcile_;
    co_await set_all_right(lost);
  }
  if (now() - last_read_ms_ < kPause.count()) {
    co_await sleep_for(kPause);
  }
  const LogId after = replica_->position();
  const std::vector<LogEntry> entries = co_await pool_.read_log(tail_, after, kBlock);
  last_read_ms_ = now();
  std::size_t done = 0;
  for (const LogEntry& entry : entries) {
    if (++done % kEntriesAtOnce == 0) {
      co_await net::post(executor_, use_awaitable);
    }
    take_in(entry);
    if (must_resync_) co_return;
  }
}

void Matchmaker::State::take_in(const LogEntry& entry) {
  switch (replica_->order(entry.id)) {
    case Replica::Order::old:
      return;
    case Replica::Order::gap:
      env_.log.warn("log_gap", "after", replica_->position().text(), "id", entry.id.text());
      probe_.resynced("gap");
      must_resync_ = true;
      return;
    case Replica::Order::next:
      break;
  }
  const std::optional<LogEvent> event = parse_event(entry.id, entry.text);
  if (!event) env_.log.warn("log_entry_unknown", "id", entry.id.text());
  // Pairs are looked at while both tickets are still there; all else after the change.
  const auto* restarted = event ? std::get_if<event::Restarted>(&*event) : nullptr;
  if (restarted) heard(*restarted, entry.id);
  const auto* claimed = event ? std::get_if<event::Claimed>(&*event) : nullptr;
  const PairView seen = claimed ? view(claimed->a, claimed->b) : PairView{};

  const Replica::Effect effect = replica_->apply(entry.id, event, now());
  tell_hosts(effect.silent, false);
  tell_hosts(effect.back, true);
  if (claimed) {
    heard(*claimed, entry.id);
    paired(Pair{claimed->room, entry.id, claimed->a, claimed->b, claimed->instance_a,
                claimed->instance_b, claimed->shared},
           seen);
  } else if (event && !restarted) {
    std::visit([this, &entry](const auto& e) { heard(e, entry.id); }, *event);
  }
}

void Matchmaker::State::heard(const event::Joined& e, LogId id) {
  Person* person = people_.find(e.ticket.user);
  if (!person) return;
  if (e.ticket.instance == instance_) {
    if (person->place == Place::ticket && person->version == id) plan_search(*person);
    return;
  }
  // Of two joins the later session rules; one without a number yet will get the latest.
  const bool is_older =
      person->session == 0 ? person->quest.has_value() : e.ticket.session <= person->session;
  if (is_older || person->place == Place::room) return;
  displaced(*person);
  person->away = RoomId{};
  kick(e.ticket.user);
}

void Matchmaker::State::heard(const event::Held&, LogId) {}

void Matchmaker::State::heard(const event::Left& e, LogId) {
  Person* person = people_.find(e.user);
  if (!person) return;
  const bool is_ours = (person->place == Place::ticket || person->place == Place::held) &&
                       person->version == e.version;
  const bool is_elsewhere = person->place == Place::elsewhere && person->away.empty();
  if (!is_ours && !is_elsewhere) return;
  person->place = Place::none;
  person->in_claim = false;
  if (is_elsewhere) person->t0_ms = 0;
  kick(e.user);
}

// People who are paired through another process while a socket of theirs is here, too.
void Matchmaker::State::heard(const event::Claimed& e, LogId) {
  for (const auto& [user, instance] : {std::pair{e.a, e.instance_a}, {e.b, e.instance_b}}) {
    Person* person = people_.find(user);
    if (!person || instance == instance_ || person->place == Place::room) continue;
    if (person->place != Place::elsewhere) displaced(*person);
    person->away = e.room;
  }
}

void Matchmaker::State::heard(const event::Ended& e, LogId) {
  room_over(e.room, e.reason);
  for (const UserId user : {e.a, e.b}) {
    Person* person = people_.find(user);
    if (!person || person->away != e.room) continue;
    person->away = RoomId{};
    if (person->place == Place::elsewhere) person->place = Place::none;
    person->t0_ms = 0;
    kick(user);
  }
}

// Somebody was put back into a room: usually by us.
void Matchmaker::State::heard(const event::Seated& e, LogId) {
  Person* person = people_.find(e.user);
  if (!person || person->is_driven || person->place == Place::room) return;
  person->place = Place::unknown;
  kick(e.user);
}

void Matchmaker::State::heard(const event::Beat& e, LogId) {
  if (e.instance != instance_) return;
  lag_.read(now());
  probe_.lag(lag_.last());
}

void Matchmaker::State::heard(const event::Blocked& e, LogId) {
  if (Person* person = people_.find(e.a)) person->blocked.insert(e.b);
  if (Person* person = people_.find(e.b)) person->blocked.insert(e.a);
}

// A new epoch: nobody is claimed until every host has spoken for its people.
void Matchmaker::State::heard(const event::Restarted& e, LogId id) {
  // What replies told of may not have been read from the log yet.
  const LogId last = std::max(replica_->position(), newest_reply_);
  settle_until_ms_ = now() + options_.settle.count();
  switch (continuity(e.top, last)) {
    case Continuity::whole:  // But for a close or a leave, whose replies name no entry.
      env_.log.info("epoch_began", "id", id.text());
      must_reconcile_ = Lost{e.top, last};
      break;
    case Continuity::skipped:
      env_.log.warn("epoch_began_after_gap", "id", id.text());
      probe_.resynced("epoch");
      must_resync_ = true;
      must_reconcile_ = Lost{e.top, e.top};
      break;
    case Continuity::lost:
      env_.log.warn("epoch_began_with_loss", "id", id.text(), "top", e.top.text(), "last",
                    last.text());
      probe_.resynced("loss");
      must_resync_ = true;
      must_reconcile_ = Lost{e.top, last};
      break;
  }
}

void Matchmaker::State::tell_hosts(const std::vector<std::string>& instances, bool alive) {
  if (instances.empty()) return;
  for (const UserId user : people_.all()) {
    const Person& person = *people_.find(user);
    if (person.place != Place::room) continue;
    const auto found = std::find(instances.begin(), instances.end(), person.peer_host);
    if (found != instances.end()) sink_.on_peer_host(user, person.room, alive);
  }
}

// A process that fell silent before a pair is not reported again after it.
bool Matchmaker::State::is_silent(const std::string& instance) const {
  return replica_ && replica_->is_silent(instance);
}

}  // namespace seendr::match
