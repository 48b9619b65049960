// The WebSocket endpoint of one event loop: who may open a socket, and what a socket's frames lead
// to.
#pragma once

#include <atomic>

#include "app/accounts/django_people.hpp"
#include "app/origin.hpp"
#include "app/people/hub.hpp"
#include "app/socket/frame_limit.hpp"
#include "app/socket/session_watch.hpp"
#include "auth/sessions.hpp"
#include "auth/tickets.hpp"
#include "http/websocket.hpp"

namespace seendr::app {

struct UserSessionOptions {
  Millis hello{5000};   // For the first frame of seendr.v1.
  LimitSetting frames;  // Of one connection.
  LimitSetting chat;
  Millis session_check{60'000};  // Between looks at the sessions of open sockets.
};

// Runs on its event loop; talks to the hub, which has a thread of its own. All must outlive it.
class UserSessions {
 public:
  // `django`: null without a Django site.
  UserSessions(const Env& env, auth::Sessions& sessions, auth::Tickets& tickets,
               DjangoPeople* django, Users& users, Hub& hub, const OriginRules& origins,
               UserSessionOptions options);

  // For a WebSocketRoute. `context` is what decide() put into its decision.
  awaitable<http::UpgradeDecision> decide(http::Request request);
  awaitable<void> serve(std::shared_ptr<http::WebSocket> websocket, std::any context);

  // Closes sockets whose session has ended; until cancelled.
  awaitable<void> run() { co_await watch_.run(); }

 private:
  // A socket that the hub knows. One whose upgrade never came to an end leaves with this object.
  struct Place {
    Place(Hub& h, SocketPtr s, UserId u) : hub(h), socket(std::move(s)), user(u) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

    Hub& hub;
    SocketPtr socket;
    UserId user;
    Attached attached = Attached::stopping;
    bool left = false;  // The hub was told.
  };
  using PlacePtr = std::shared_ptr<Place>;

  struct Opening {
    Profile profile = Profile::article;
    std::string connection;  // Id of the request.
    std::string hello_id;    // Of the first frame of seendr.v1; empty: it had none.
    std::optional<auth::Session> session;
    std::optional<Account> account;  // Article profile: loaded before the upgrade.
    PlacePtr place;                  // Likewise.
  };

  awaitable<PlacePtr> take_place(Opening& opening, std::string resume_token);

  awaitable<std::optional<auth::Session>> identify(std::string session_id, std::string ticket);
  awaitable<std::optional<auth::Session>> redeem(std::string ticket);
  // The first frame of seendr.v1. nullopt: the socket was closed with the right code.
  awaitable<std::optional<std::string>> greet(std::shared_ptr<http::WebSocket> websocket,
                                              Opening& opening);
  awaitable<void> converse(std::shared_ptr<http::WebSocket> websocket, SocketPtr socket,
                           UserId user);

  Env env_;
  auth::Sessions& sessions_;
  auth::Tickets& tickets_;
  DjangoPeople* django_;
  Users& users_;
  Hub& hub_;
  const OriginRules& origins_;
  UserSessionOptions options_;
  SessionWatch watch_;
};

}  // namespace seendr::app
