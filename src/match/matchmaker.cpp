#include "match/matchmaker.hpp"

#include "match/matchmaker_state.hpp"

namespace seendr::match {

Matchmaker::Matchmaker(const Env& env, Executor executor, redis::Client& commands,
                       redis::Client& tail, StateServer& server, InterestNames names,
                       Options options, std::string instance, PairSink& sink)
    : state_(std::make_unique<State>(env, executor, commands, tail, server, std::move(names),
                                     std::move(options), std::move(instance), sink)) {}

Matchmaker::~Matchmaker() = default;

awaitable<void> Matchmaker::run() {
  return state_->run();
}

awaitable<std::optional<Told>> Matchmaker::arrive(UserId user, Facts facts) {
  return state_->arrive(user, std::move(facts));
}

awaitable<SearchOutcome> Matchmaker::search(Search search) {
  return state_->search(std::move(search));
}

awaitable<SearchOutcome> Matchmaker::lounge(Search search) {
  return state_->lounge(std::move(search));
}

awaitable<void> Matchmaker::leave_lounge(UserId user) {
  return state_->leave_lounge(user);
}

awaitable<bool> Matchmaker::cancel(UserId user, std::string reason) {
  return state_->cancel(user, std::move(reason));
}

awaitable<void> Matchmaker::lost(UserId user) {
  return state_->lost(user);
}

awaitable<void> Matchmaker::back(UserId user) {
  return state_->back(user);
}

awaitable<void> Matchmaker::depart(UserId user) {
  return state_->depart(user);
}

awaitable<bool> Matchmaker::close(UserId user, RoomId room, CloseReason reason) {
  return state_->close(user, std::move(room), reason);
}

awaitable<bool> Matchmaker::follow_peer(UserId user, RoomId room) {
  return state_->follow_peer(user, std::move(room));
}

awaitable<std::optional<std::string>> Matchmaker::seat_host(UserId user, RoomId room) {
  return state_->seat_host(user, std::move(room));
}

void Matchmaker::entered(UserId user, const RoomId& room) {
  state_->entered(user, room);
}

void Matchmaker::block(UserId a, UserId b) {
  state_->block(a, b);
}

void Matchmaker::unblock(UserId a, UserId b) {
  state_->unblock(a, b);
}

Presence Matchmaker::presence() const {
  return state_->presence();
}

bool Matchmaker::healthy() const {
  return state_->trouble().empty();
}

std::string Matchmaker::trouble() const {
  return state_->trouble();
}

const std::string& Matchmaker::instance() const {
  return state_->instance();
}

}  // namespace seendr::match
