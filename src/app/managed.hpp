// The services of a server that was given no URLs: its own Redis (state and cache) and PostgreSQL
// in a data directory, on unix sockets only.
//
//   <data directory>/lock        who holds it (data_folder.hpp)
//   <data directory>/run/        the sockets
//   <data directory>/state/, cache/, postgres/    the data, and beside each a log
#pragma once

#include <memory>
#include <string>

#include "app/data_folder.hpp"
#include "base/env.hpp"

namespace seendr::app {

struct ServiceUrls {
  std::string redis;
  std::string cache;
  std::string database;
};

struct ManagedOptions {
  std::string folder;                    // Absolute.
  std::string command = "seendr serve";  // What a second one on this folder is told.
  bool durable = true;                   // False trades PostgreSQL's safety for speed: for tests.
  bool migrate = true;                   // False: the caller does it.
  Millis attach_limit{60'000};           // How long to wait for the holder of the folder.
};

// Runs while it lives; a service that dies is started again. May be used from any thread.
class ManagedServices {
 public:
  // Starts everything and migrates the database if it is to; blocks until it can be used. Throws
  // DataFolderError with a sentence, naming the holder when the folder is in use, and system_error
  // when a service does not start.
  static std::unique_ptr<ManagedServices> start(const Env& env, ManagedOptions options);

  ManagedServices(const ManagedServices&) = delete;
  ManagedServices& operator=(const ManagedServices&) = delete;
  ~ManagedServices();  // As stop().

  const ServiceUrls& urls() const;

  // Where the server can be reached; a second one on this folder will be told.
  void announce(const std::string& address);

  // Ends PostgreSQL, then the cache, then the state, each after it has stored what it holds;
  // blocks.
  void stop();

 private:
  friend struct Services attach_or_start(const Env& env, ManagedOptions options);

  class Impl;
  static std::unique_ptr<ManagedServices> start_holding(const Env& env, ManagedOptions options,
                                                        std::unique_ptr<DataFolderLock> lock);
  explicit ManagedServices(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// What a command other than `serve` works with.
struct Services {
  ServiceUrls urls;
  std::unique_ptr<ManagedServices> owned;  // Null when a running server's are used.
};

// The services of the server that runs on the folder, or own ones for as long as the result lives.
// Another command that holds the folder is waited for. Throws as ManagedServices::start().
Services attach_or_start(const Env& env, ManagedOptions options);

}  // namespace seendr::app
