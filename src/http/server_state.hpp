// What the connections of one server share: options, deadlines, metrics, who is connected. Internal
// to this folder.
#pragma once

#include <map>
#include <string>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "base/env.hpp"
#include "http/deadlines.hpp"
#include "http/server.hpp"
#include "runtime/task_group.hpp"

namespace seendr::http {

using LiveHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>,
                                     boost::intrusive::tag<struct LiveTag>>;

// Something connected; in its server's list for as long as it lives.
class Live : public LiveHook {
 public:
  virtual void hang_up() = 0;  // Ends politely, and soon.
  virtual void cut() = 0;      // Ends now.
  virtual WebSocket* as_websocket() { return nullptr; }

 protected:
  ~Live() = default;
};

// The server's counters.
class Probe {
 public:
  explicit Probe(Metrics& metrics);

  void connected(int by) { connections_.Increment(by); }
  void upgraded(int by) { websockets_.Increment(by); }
  void responded(Method method, int status, double seconds);
  void refused(const std::string& reason);

 private:
  Metrics& metrics_;
  Gauge& connections_;
  Gauge& websockets_;
  Histogram& seconds_;
  std::map<std::pair<Method, int>, Counter*> requests_;
};

struct ServerState {
  ServerState(const Env& env, Executor executor, const Router& router,
              const WebSocketRoutes& routes, ServerOptions options, ConnectionCounts& counts);

  using LiveList = boost::intrusive::list<Live, boost::intrusive::base_hook<LiveHook>,
                                          boost::intrusive::constant_time_size<false>>;

  std::string_view date();  // The Date header of now.

  Env env;
  Executor executor;
  const Router& router;
  const WebSocketRoutes& routes;
  ServerOptions options;
  ConnectionCounts& counts;
  Probe probe;
  Deadlines deadlines;
  LiveList live;
  bool is_draining = false;

 private:
  std::int64_t date_second_ = 0;
  std::string date_;
};

// Counts one connection of an address for as long as it lives.
class AddressCount {
 public:
  AddressCount() = default;
  AddressCount(ConnectionCounts& counts, const net::ip::address& address)
      : counts_(&counts), address_(address), count_(counts.enter_address(address)) {}
  AddressCount(AddressCount&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)),
        address_(std::move(other.address_)),
        count_(other.count_) {}
  AddressCount& operator=(AddressCount&&) = delete;
  ~AddressCount() {
    if (counts_) counts_->leave_address(address_);
  }

  // How many the address had when this one came, itself included; 0 when it is not counted.
  std::size_t count() const { return counts_ ? count_ : 0; }
  bool is_over(std::size_t times) const {
    return counts_ && counts_->address_limit() > 0 && count_ > times * counts_->address_limit();
  }

 private:
  ConnectionCounts* counts_ = nullptr;
  net::ip::address address_;
  std::size_t count_ = 0;
};

}  // namespace seendr::http
