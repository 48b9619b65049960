// Searches of own people in the replica, and the claims that come of them.
#include <cmath>

#include "codec/text.hpp"
#include "match/matchmaker_state.hpp"

namespace seendr::match {
namespace {

constexpr int kMaxLostClaims = 5;               // In a row, before the search waits for its turn.
constexpr int kSearchesAtOnce = 64;             // Before others get their turn.
constexpr std::int64_t kQuickMs = 2000;         // How long searches follow quickly.
constexpr std::int64_t kReportMs = 5000;        // Between reports, at most.
constexpr std::int64_t kOneShotLimitMs = 5000;  // For a search that cannot be made.
constexpr Millis kBusy{20};                     // Until a search that must not be made now.
constexpr Millis kLostReply{500};               // Until the log has told what became of a claim.
constexpr std::size_t kRoomBytes = 16;

RoomId draw_room(Random& random, const std::string& shard) {
  std::array<unsigned char, kRoomBytes> bytes{};
  random.fill(bytes);
  return RoomId{to_base32(bytes) + "." + shard};
}

Demand demand_of(const Search& search) {
  return Demand{search.attributes.policy, search.attributes.min_shared, search.interests.size(),
                search.standing};
}

Millis remaining(Millis usual, Millis waited) {
  return std::max(Millis(0), usual - waited);
}

}  // namespace

// The next search of this person, as soon as the replica has their ticket.
void Matchmaker::State::plan_search(Person& person, Millis delay) {
  if (!person.quest || person.place != Place::ticket || person.in_claim || !replica_) return;
  const Ticket* ticket = replica_->engine().find(person.user);
  if (!ticket || ticket->version != person.version) return;
  person.quest->due_ms = now() + delay.count();
  agenda_.add({person.quest->due_ms, person.t0_ms, person.user, person.quest->number});
  search_timer_.cancel();
}

void Matchmaker::State::plan_next(Person& person) {
  const std::int64_t waited = now() - person.quest->started_ms;
  Millis delay = jittered(waited < kQuickMs ? options_.research : options_.research_slow);
  if (person.quest->deadline_ms) {
    delay = std::min(delay, Millis(std::max<std::int64_t>(0, *person.quest->deadline_ms - now())));
  }
  plan_search(person, delay);
}

awaitable<void> Matchmaker::State::search_loop() {
  int searches = 0;
  while (true) {
    const auto due = agenda_.next_due();
    if (!due || *due > now()) {
      searches = 0;
      const Millis wait(due ? *due - now() : 1000);
      search_timer_.expires_after(wait);
      co_await search_timer_.async_wait(net::as_tuple(use_awaitable));
      continue;
    }
    if (++searches % kSearchesAtOnce == 0) {
      co_await net::post(executor_, use_awaitable);
    }
    const auto entry = agenda_.take_due(now());
    if (!entry) continue;
    Person* person = people_.find(entry->user);
    if (!person || !person->quest || person->quest->number != entry->quest) continue;
    const auto& deadline = person->quest->deadline_ms;
    if (deadline && now() >= *deadline) {
      end_late(*person);
      continue;
    }
    if (person->quest->due_ms != entry->due_ms) continue;
    person->quest->due_ms = -1;
    look_for_partner(*person);
  }
}

// The end of the seeker's patience, which does not depend on Redis.
void Matchmaker::State::plan_end(const Person& person) {
  if (!person.quest->deadline_ms) return;
  agenda_.add({*person.quest->deadline_ms, person.t0_ms, person.user, person.quest->number});
  search_timer_.cancel();
}

void Matchmaker::State::end_late(Person& person) {
  const bool may_be_matched = person.in_claim || person.place == Place::room;
  if (!may_be_matched) return end_quest(person, NoMatchReason::timeout);
  agenda_.add({now() + kLostReply.count(), person.t0_ms, person.user, person.quest->number});
}

void Matchmaker::State::look_for_partner(Person& person) {
  if (person.place != Place::ticket || person.in_claim) return;
  const Quest& quest = *person.quest;
  Engine& engine = replica_->engine();
  const Ticket* ticket = engine.find(person.user);
  if (!ticket || ticket->version != person.version)
    return;  // Planned again when the log brings it.

  if (!person.fits_wish()) return;  // Planned again when the ticket says what is wanted now.

  const Demand demand = demand_of(quest.search);
  const Millis waited(now() - quest.started_ms);
  const double effective =
      effective_wait_ms(waited, engine.crowd(person.user, person.attributes, now()));
  const People recent = cooling_down(person.recent, server_.now_ms());
  const Attributes attributes = ticket->attributes;
  const std::vector<std::uint32_t> interests = ticket->interests;
  Seeker seeker{person.user,          &attributes,     &interests, need(curve_, demand, effective),
                quest.search.profile, &person.blocked, &recent};

  if (may_claim()) {
    const auto begin = env_.clock.now();
    std::optional<Candidate> candidate = engine.best(seeker);
    probe_.searched(std::chrono::duration<double>(env_.clock.now() - begin).count());
    if (candidate) {
      queue_claim(person, std::move(*candidate));
      return;
    }
    if (!quest.search.standing) {
      const Survey survey = engine.survey(seeker);
      const bool cooling = survey.candidates == 0 && survey.excluded.contains(Rule::cooldown);
      const bool strangers = survey.candidates > 0;
      end_quest(person, cooling     ? NoMatchReason::cooldown
                        : strangers ? NoMatchReason::no_shared_interest
                                    : NoMatchReason::empty_pool);
      return;
    }
  } else if (!quest.search.standing) {
    const bool too_long = waited.count() > kOneShotLimitMs;
    too_long ? end_quest(person, NoMatchReason::timeout) : plan_search(person, kBusy);
    return;
  }
  report(person, seeker, demand, effective);
  plan_next(person);
}

// Tells how a standing search goes: at once, at every change of the need, at least each 5 s.
void Matchmaker::State::report(Person& person, const Seeker& seeker, const Demand& demand,
                               double waited_ms) {
  Quest& quest = *person.quest;
  if (quest.need == seeker.need && now() - quest.reported_ms < kReportMs) return;
  quest.need = seeker.need;
  quest.reported_ms = now();
  Survey survey = replica_->engine().survey(seeker);
  Progress progress;
  progress.waited = Millis(now() - quest.started_ms);
  progress.eta = usual_wait(*seeker.attributes, progress.waited);
  progress.candidates = survey.candidates;
  progress.need = seeker.need;
  progress.next_need_in = next_need_in(curve_, demand, waited_ms);
  progress.relax_step = curve_.step_at(waited_ms);
  progress.excluded = std::move(survey.excluded);
  const std::size_t self = seeker.attributes->active ? 1 : 0;
  for (const std::uint32_t interest : *seeker.interests) {
    const std::size_t all = replica_->engine().searching(interest);
    if (all > self) progress.searching[interest] = all - self;
  }
  sink_.on_progress(person.user, progress);
}

std::optional<WaitQuantiles> Matchmaker::State::usual_wait(const Attributes& attributes,
                                                           Millis waited) const {
  std::optional<WaitQuantiles> usual = waits_.quantiles();
  for (const std::string& language : attributes.languages) {
    const std::optional<WaitQuantiles> own = waits_by_language_.quantiles(language);
    if (own && (!usual || own->p50 < usual->p50)) usual = own;
  }
  if (!usual) return std::nullopt;
  return WaitQuantiles{remaining(usual->p50, waited), remaining(usual->p90, waited)};
}

void Matchmaker::State::end_quest(Person& person, NoMatchReason reason) {
  const UserId user = person.user;
  person.quest.reset();
  sink_.on_no_match(user, reason);
  kick(user);
}

bool Matchmaker::State::may_claim() {
  return replica_ && !is_reconciling_ && now() >= settle_until_ms_ && !lag_.is_stopped(now()) &&
         server_.epoch() == replica_->position().epoch;
}

bool Matchmaker::State::admit() {
  const double passed = static_cast<double>(now() - admit_ms_) / 1000;
  admit_ms_ = now();
  admit_tokens_ = std::min(options_.admit_per_s, admit_tokens_ + passed * options_.admit_per_s);
  if (admit_tokens_ < 1) return false;
  admit_tokens_ -= 1;
  return true;
}

void Matchmaker::State::queue_claim(Person& person, Candidate candidate) {
  Engine& engine = replica_->engine();
  QueuedClaim claim;
  claim.quest = person.quest->number;
  claim.instance_b = candidate.instance;
  for (const std::uint32_t id : candidate.shared) {
    std::string slug = names_(id);
    if (!slug.empty()) claim.shared.push_back(std::move(slug));
  }
  claim.item = ClaimItem{person.user,       person.version, candidate.user,
                         candidate.version, RoomId{},       encode_slugs(claim.shared)};
  engine.reserve(person.user, person.version);
  engine.reserve(candidate.user, candidate.version);
  person.in_claim = true;
  if (Person* other = people_.find(candidate.user)) other->in_claim = true;
  claims_.push_back(std::move(claim));
  claim_timer_.cancel();
}

// One call in flight; while it is out, pairs queue up.
awaitable<void> Matchmaker::State::claim_loop() {
  while (true) {
    while (claims_.empty()) {
      co_await claim_timer_.async_wait(net::as_tuple(use_awaitable));
    }
    const std::vector<QueuedClaim> batch = take_claims();
    if (batch.empty()) continue;
    std::vector<ClaimItem> items;
    items.reserve(batch.size());
    for (const QueuedClaim& claim : batch) items.push_back(claim.item);
    probe_.claim_batch(batch.size());
    const std::uint64_t epoch = replica_->position().epoch;
    bool failed = false;
    try {
      const auto results = co_await pool_.claim(std::move(items), epoch, options_.ack);
      for (std::size_t i = 0; i < batch.size(); ++i) settle_claim(batch[i], results[i]);
    } catch (const system_error& error) {
      if (error.code() == net::error::operation_aborted) throw;
      if (error.code() == Errc::stale_epoch) saw_stale_epoch_ = true;
      env_.log.warn("claim_unanswered", "why", what(error));
      failed = true;
    }
    if (failed) {  // What became of the pairs, only the log knows.
      for (const QueuedClaim& claim : batch) release_claim(claim, kLostReply);
    }
  }
}

// The next batch, without pairs that are no longer wanted. Each attempt has a room id of its own.
std::vector<Matchmaker::State::QueuedClaim> Matchmaker::State::take_claims() {
  std::vector<QueuedClaim> batch;
  while (!claims_.empty() && batch.size() < options_.batch_max) {
    QueuedClaim claim = std::move(claims_.front());
    claims_.pop_front();
    const Person* seeker = people_.find(claim.item.a);
    const bool wanted = seeker && seeker->quest && seeker->quest->number == claim.quest &&
                        seeker->place == Place::ticket && seeker->version == claim.item.version_a &&
                        !seeker->blocked.contains(claim.item.b);
    if (!wanted || !may_claim()) {
      release_claim(claim, kBusy);
      continue;
    }
    claim.item.room = draw_room(env_.random, options_.shard);
    batch.push_back(std::move(claim));
  }
  return batch;
}

void Matchmaker::State::release_claim(const QueuedClaim& claim, Millis delay) {
  Engine& engine = replica_->engine();
  engine.unreserve(claim.item.a, claim.item.version_a);
  engine.unreserve(claim.item.b, claim.item.version_b);
  for (const UserId user : {claim.item.a, claim.item.b}) {
    Person* person = people_.find(user);
    if (!person) continue;
    person->in_claim = false;
    plan_search(*person, delay);
  }
}

void Matchmaker::State::settle_claim(const QueuedClaim& claim, const ClaimResult& result) {
  Engine& engine = replica_->engine();
  const ClaimItem& item = claim.item;
  if (result.id) {
    probe_.claimed();
    const PairView seen = view(item.a, item.b);
    engine.remove_before(item.a, *result.id);
    engine.remove_before(item.b, *result.id);
    paired(Pair{item.room, *result.id, item.a, item.b, instance_, claim.instance_b, claim.shared},
           seen);
    return;
  }
  probe_.claim_lost(result.a_was_free);
  engine.unreserve(item.a, item.version_a);
  engine.unreserve(item.b, item.version_b);
  if (!result.a_was_free) engine.doubt(item.a, item.version_a);
  if (!result.b_was_free) engine.doubt(item.b, item.version_b);
  Person* other = people_.find(item.b);
  if (other) {
    other->in_claim = false;
    if (result.b_was_free || other->version != item.version_b) plan_search(*other);
  }
  Person* seeker = people_.find(item.a);
  if (!seeker) return;
  seeker->in_claim = false;
  if (!seeker->quest) return;
  if (!result.a_was_free) {
    if (seeker->version != item.version_a) plan_search(*seeker);  // A new ticket came meanwhile.
    return;
  }
  if (++seeker->quest->lost_claims % (kMaxLostClaims + 1) != 0) {
    plan_search(*seeker);
  } else {
    plan_next(*seeker);
  }
}

}  // namespace seendr::match
