// Plays one person over the public protocol, and tells a Witness what the server said.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/json/object.hpp>

#include "base/env.hpp"
#include "http/client.hpp"
#include "lab/people.hpp"
#include "lab/witness.hpp"
#include "runtime/task_group.hpp"

namespace seendr::lab {

// The two ways to talk to the server (protocol.md 1.1).
enum class Manner {
  article,   // Matchable from the start; each search is answered at once.
  standing,  // seendr.v1; matchable while a search stands.
};

// What a standing search asks for besides the person's interests and languages.
struct Wish {
  std::string policy = "prefer";  // strict, prefer, any.
  int min_shared = 1;
};

// Everything happens on the group's executor. The player must outlive the group's coroutines: they
// read the socket and send.
class Player {
 public:
  // Called when the server tells of a match, after the witness was told.
  using OnMatch = std::function<void(Player&)>;

  Player(const Env& env, Person person, http::ClientTarget server, Manner manner, Witness& witness,
         TaskGroup& group);

  // Opens the socket and says hello where that is the custom; then the group listens. Throws
  // runtime_error with the server's words when it refuses, system_error when it is not there.
  awaitable<void> connect();

  // Does nothing in a room: in the article's manner people are paired without having asked, and a
  // search of theirs would end it.
  void search(const Wish& wish);
  void cancel();  // In the article's manner there is nothing to say.

  // The room the person is in; does nothing outside. In the article's manner nothing is said: the
  // next search, of either side, ends the room.
  void leave();
  void cut();  // Drops the connection without a word.

  void on_match(OnMatch call) { on_match_ = std::move(call); }

  const Person& person() const { return person_; }
  PersonIndex index() const { return index_; }
  Manner manner() const { return manner_; }
  bool connected() const { return connected_; }
  bool searching() const { return searching_; }  // Asked, and neither matched nor refused yet.
  const std::string& room() const { return witness_.room_of(index_); }
  bool leaving() const { return leaving_; }  // Left, and the server has not yet said so.

  const std::map<std::string, std::size_t>& errors() const { return errors_; }  // By code.
  std::uint16_t close_code() const { return close_code_; }  // 0 unless the server hung up.

 private:
  awaitable<void> say_hello();
  awaitable<void> listen();
  awaitable<void> flush();
  void post(const boost::json::object& frame);
  void receive(const std::string& text);
  void be_matched(const boost::json::object& frame);
  void stop_searching();
  Micros now() const;

  const Env& env_;
  Person person_;
  http::ClientTarget server_;
  Manner manner_;
  Witness& witness_;
  TaskGroup& group_;
  PersonIndex index_;
  OnMatch on_match_;
  std::unique_ptr<http::WebSocketClient> socket_;
  std::deque<std::string> outbox_;
  bool flushing_ = false;
  bool connected_ = false;
  bool searching_ = false;
  bool leaving_ = false;
  bool cut_ = false;
  std::map<std::string, std::size_t> errors_;
  std::uint16_t close_code_ = 0;
};

}  // namespace seendr::lab
