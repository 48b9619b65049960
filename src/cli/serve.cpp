// `seendr serve`
#include "app/app.hpp"
#include "app/settings/config.hpp"
#include "app/settings/work_config.hpp"
#include "cli/command.hpp"

namespace seendr::cli {

namespace {

int serve(const Flags& flags) {
  const app::Settings settings = flags.load();
  app::check(settings);
  const app::MailOptions mail =
      app::mail_options(settings, app::data_folder(settings, environment()));
  const Process process(settings);
  std::unique_ptr<app::ManagedServices> services;
  app::ServiceUrls urls;
  if (app::is_managed(settings)) {
    app::listen(settings);  // And let go again: nobody shall wait for services to hear it is taken.
    const auto options = app::managed_options(settings, environment(), "seendr serve");
    process.env.log.info("starting_services", "data_dir", options.folder);
    services = app::ManagedServices::start(process.env, options);
    urls = services->urls();
  } else {
    urls = app::configured_urls(settings);
  }
  app::App app(process.env, settings, urls, services.get(), mail);
  return app.run();
}

}  // namespace

void add_serve(CLI::App& program, int& status) {
  CLI::App& command = *program.add_subcommand("serve", "HTTP, WebSocket and the web client");
  Flags flags;
  flags.option(command, "--host", "server.host", "Address to listen on [127.0.0.1]");
  flags.option(command, "--port", "server.port", "Port to listen on; 0 takes a free one [8080]");
  flags.option(command, "--instances", "server.instances", "Event loops [one a core]");
  flags.data_dir(command);
  flags.flag(command, "--no-worker", "server.worker", "false",
             "No task worker and scheduler inside");
  flags.flag(command, "--share-port", "server.share_port", "true",
             "Let several processes share the port");
  flags.option(command, "--tls-cert", "http.tls_cert", "Certificate chain, PEM");
  flags.option(command, "--tls-key", "http.tls_key", "Private key, PEM");
  flags.list(command, "--trusted-proxy", "http.trusted_proxies",
             "Network (CIDR) of a proxy; may be repeated");
  command.callback([flags, &status] { status = serve(flags); });
}

}  // namespace seendr::cli
