// `seendr worker` and `seendr scheduler`: background work in processes of their own.
#include <csignal>
#include <cstdio>

#include <boost/asio/basic_signal_set.hpp>

#include "app/app.hpp"
#include "app/work_thread.hpp"
#include "cli/command.hpp"
#include "postgres/migrations.hpp"

namespace seendr::cli {

namespace {

// Until SIGTERM or SIGINT. Another one then ends the process at once; what it held is redelivered.
void run_until_told(app::WorkThread& work, const Env& env, const char* ready) {
  net::io_context io{1};
  net::basic_signal_set<Executor> signals(io.get_executor(), SIGINT, SIGTERM);
  signals.async_wait([&env](error_code, int signal) {
    env.log.info("signal", "number", signal, "effect", "drain");
  });
  work.start([ready] {
    std::printf("%s\n", ready);
    std::fflush(stdout);
  });
  io.run();
  signals.clear();
  work.stop();
}

// Where people reach the server that this works for.
std::string public_url(const Env& env, const app::Settings& settings) {
  const std::string named = app::public_url(settings);
  if (!named.empty()) return named;
  const std::string guess =
      "http://" + settings.text("server.host") + ":" + settings.text("server.port") + "/";
  env.log.warn("public_url_is_a_guess", "url", guess, "advice",
               "set server.public_url, for the links in mails");
  return guess;
}

int work(const Flags& flags, app::Work kind, const std::string& command, const char* ready) {
  const app::Settings settings = flags.load();
  app::check(settings);
  const app::MailOptions mail =
      app::mail_options(settings, app::data_folder(settings, environment()));
  const Process process(settings);
  const app::Services services = find_services(process.env, settings, command);
  if (postgres::schema_state(services.urls.database) == postgres::Schema::behind) {
    throw app::StartError("the database schema is behind this program; run seendr migrate");
  }
  if (kind == app::Work::worker) app::say_where_mails_go(process.env, mail);
  postgres::Database database(process.env, app::database_options(settings, services.urls.database));
  app::AccountTokens tokens(process.env, database);
  app::Mailer mailer(process.env, mail);
  app::WorkThread thread(
      app::WorkParts{process.env, settings, services.urls.redis, services.urls.cache, database,
                     tokens, mailer, public_url(process.env, settings)},
      kind);
  run_until_told(thread, process.env, ready);
  process.env.log.info("stopped");
  return kOk;
}

}  // namespace

void add_worker(CLI::App& program, int& status) {
  CLI::App& command = *program.add_subcommand("worker", "Run background tasks");
  Flags flags;
  flags.data_dir(command);
  flags.list(command, "--queue", "tasks.queues",
             "Queue to take tasks from; may be repeated [seendr, seendr.mail]");
  flags.option(command, "--concurrency", "tasks.concurrency", "Tasks at once [50]");
  command.callback([flags, &status] {
    status = work(flags, app::Work::worker, "seendr worker", "Seendr worker is ready");
  });
}

void add_scheduler(CLI::App& program, int& status) {
  CLI::App& command =
      *program.add_subcommand("scheduler", "Enqueue scheduled tasks; of all that run one does");
  Flags flags;
  flags.data_dir(command);
  command.callback([flags, &status] {
    status = work(flags, app::Work::scheduler, "seendr scheduler", "Seendr scheduler is ready");
  });
}

}  // namespace seendr::cli
