// Finds partners for the people whose sockets this process holds. One a process.
//
// It follows the log of the pool, keeps a replica in memory (match/engine), searches there for its
// own people, claims pairs in Redis (match/pool), and reports to its PairSink. Other processes do
// the same; the log tells each what the others did. Idea and rules: matching.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "match/options.hpp"
#include "match/report.hpp"
#include "match/state_server.hpp"
#include "redis/client.hpp"
#include "runtime/net.hpp"

namespace seendr::match {

// The slug of a dictionary id; an empty text for an unknown one. Called on the matchmaker's
// executor.
using InterestNames = std::function<std::string(std::uint32_t)>;

// What the matcher must know of a person besides what they ask for.
struct Facts {
  std::vector<UserId> blocked;  // Whom they blocked and who blocked them.
};

// Who is there, for the page. Counted from the replica.
struct Presence {
  std::size_t searching = 0;  // People with a standing search.
  std::size_t in_rooms = 0;
  std::map<std::uint32_t, std::size_t> searching_by_interest;
  std::optional<WaitQuantiles> wait;  // Absent until enough people were matched.
};

// All calls on the executor given. A person must have arrived before anything else is asked for
// them; calls for people who are not here do nothing. What throws, throws system_error when Redis
// does not answer in time.
class Matchmaker {
 public:
  // Everything passed by reference must outlive the matchmaker. `commands` and `tail` are connected
  // with StateServer::greeting() of `server` as their on_connect; `tail` is used by nobody else.
  // `instance`: the random name of this process, without '|'.
  Matchmaker(const Env& env, Executor executor, redis::Client& commands, redis::Client& tail,
             StateServer& server, InterestNames names, Options options, std::string instance,
             PairSink& sink);
  ~Matchmaker();

  // Every loop; until cancelled.
  awaitable<void> run();

  // The first socket of a person opened here. If they sit in a room, their seat moves to this
  // process and is returned with `again`; throws when Redis cannot be asked.
  awaitable<std::optional<Told>> arrive(UserId user, Facts facts);

  // Searches; a search of the person that is under way here is replaced and not reported. Does not
  // throw for Redis: see SearchOutcome.
  awaitable<SearchOutcome> search(Search search);

  // Joins the pool without searching, and again after each room, until leave_lounge() or depart().
  awaitable<SearchOutcome> lounge(Search search);
  awaitable<void> leave_lounge(UserId user);

  // Ends the search; true if there was one. Nobody is told of a match for it afterwards.
  awaitable<bool> cancel(UserId user, std::string reason);

  // The last socket of the person closed: a waiting person keeps the place for Options::hold.
  awaitable<void> lost(UserId user);

  // A socket of a lost person is back.
  awaitable<void> back(UserId user);

  // The person is gone for good: leaves pool and room and is forgotten.
  awaitable<void> depart(UserId user);

  // Ends the room, for partner_lost without an author: both sides are told. True if this call ended
  // it, false if it was over or is not the person's.
  awaitable<bool> close(UserId user, RoomId room, CloseReason reason);

  // The process that holds the person's seat in that room now; nullopt when the room is over.
  awaitable<std::optional<std::string>> seat_host(UserId user, RoomId room);

  // Looks where the partner sits by now, as a seat that is taken over by another process is not in
  // the log. True if that is another process than the one known until now.
  awaitable<bool> follow_peer(UserId user, RoomId room);

  // The person is in the room: match_found was written (article profile) or a first frame came.
  void entered(UserId user, const RoomId& room);

  // `a` blocked `b`: they are not paired any more, from now on. Does not end a room.
  void block(UserId a, UserId b);
  void unblock(UserId a, UserId b);

  Presence presence() const;

  // Whether people can be matched now; if not, trouble() says why, as for /readyz.
  bool healthy() const;
  std::string trouble() const;

  const std::string& instance() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace seendr::match
