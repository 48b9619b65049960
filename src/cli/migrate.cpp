// `seendr migrate`
#include <cstdio>

#include "app/app.hpp"
#include "cli/command.hpp"
#include "postgres/migrations.hpp"

namespace seendr::cli {

namespace {

int migrate(const Flags& flags) {
  const app::Settings settings = flags.load();
  const Process process(settings);
  std::string url = settings.text("database.url");
  app::Services services;
  if (url.empty()) {
    app::ManagedOptions options = app::managed_options(settings, environment(), "seendr migrate");
    options.migrate = false;  // It is done and told below.
    services = app::attach_or_start(process.env, std::move(options));
    url = services.urls.database;
  }
  const std::vector<std::string> applied = postgres::migrate(url);
  for (const std::string& name : applied) std::printf("applied\t%s\n", name.c_str());
  if (applied.empty()) std::printf("the schema is current\n");
  return kOk;
}

}  // namespace

void add_migrate(CLI::App& program, int& status) {
  CLI::App& command = *program.add_subcommand("migrate", "Bring the database schema up to date");
  Flags flags;
  flags.data_dir(command);
  command.callback([flags, &status] { status = migrate(flags); });
}

}  // namespace seendr::cli
