// The server: builds everything from the settings, in the order of its members, runs it, drains it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/basic_signal_set.hpp>

#include "app/hub_thread.hpp"
#include "app/instance.hpp"
#include "app/managed.hpp"
#include "app/settings/config.hpp"
#include "app/work_thread.hpp"

namespace seendr::app {

// Failures that end the program with one sentence and exit status 1.
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The services a command works with: those of the URLs, both or none; else managed ones. Throws
// ConfigError when one URL is missing. Null: URLs were given.
ServiceUrls configured_urls(const Settings& settings);
bool is_managed(const Settings& settings);
ManagedOptions managed_options(const Settings& settings, const Settings::Pairs& environment,
                               std::string command);

// The data directory, also of a server with services of its own; empty when there is no place.
std::string data_folder(const Settings& settings, const Settings::Pairs& environment);

// The port that the settings name. Throws StartError when it cannot be had.
std::unique_ptr<http::Listener> listen(const Settings& settings);

class App {
 public:
  // `services`: managed ones that this app owns, or null; they must match `urls`.
  App(const Env& env, const Settings& settings, ServiceUrls urls, ManagedServices* services,
      MailOptions mail);
  ~App();

  // Serves until SIGTERM or SIGINT, then drains; prints the ready line on stdout. Returns the exit
  // status; throws StartError. Call on the main thread, once.
  int run();

 private:
  void open_when_booted();
  void announce_when_ready();
  void handle_signal();
  void instance_ended();
  void part_ended();
  std::string url() const;

  Env env_;
  const Settings& settings_;
  ServiceUrls urls_;
  ManagedServices* services_;

  net::io_context io_{1};  // Of the main thread: signals and the ready line.
  Health health_;
  PresenceBoard board_;
  postgres::Database database_;
  std::unique_ptr<postgres::Database> django_database_;  // Null: no Django site.
  Users users_;
  Profiles profiles_;
  Moderation moderation_;
  AccountTokens account_tokens_;
  AccountData account_data_;
  Notifications notifications_;
  Avatars avatars_;
  MailOptions mail_;
  Mailer mailer_;
  Autocomplete autocomplete_;
  auth::Passwords passwords_;
  OriginRules origins_;
  http::StaticFiles files_;
  http::Networks ops_networks_;
  http::ServerOptions server_options_;
  http::ConnectionCounts counts_;
  std::unique_ptr<http::Listener> listener_;
  HubThread hub_;
  std::optional<WorkThread> work_;  // With server.worker, from run() on.
  std::vector<std::unique_ptr<Instance>> instances_;
  // These end before the instances, to which they tell what they made.
  Offload hashing_;
  Offload drawing_;
  Timer ready_;
  std::unique_ptr<net::basic_signal_set<Executor>> signals_;
  int signals_seen_ = 0;
  std::size_t serving_ = 0;  // Instances that have not ended.
  std::size_t running_ = 0;  // The same, and the work thread.
  bool opened_ = false;
};

}  // namespace seendr::app
