#include "node/app/http_settings.hpp"

#include "node/env/open_files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace node {
namespace {

/// As many as configured, unless the system gives this process fewer files than they need.
std::size_t connections_that_fit(const Config& config)
{
    const auto files = raise_open_files();
    const std::uint64_t wanted = config.http.connections;
    if (files >= wanted + files_besides_callers) return wanted;
    const auto fit = files > files_besides_callers ? files - files_besides_callers : 16;
    const auto taken = std::max<std::uint64_t>(16, std::min(wanted, fit));
    spdlog::warn("{} open files are too few for http.connections = {}: {} are served at a time",
                 files, wanted, taken);
    return taken;
}

}  // namespace

ledger::Result<ServerConfig> server_config(const Config& config)
{
    boost::system::error_code bad;
    ServerConfig wanted;
    wanted.address = boost::asio::ip::make_address(config.http.address, bad);
    if (bad) return ledger::Error{ledger::ErrorKind::invalid, "http.address is not an address"};
    wanted.port = config.http.port;
    wanted.io_threads = config.http.threads != 0
                            ? config.http.threads
                            : std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
    wanted.limits.connections = connections_that_fit(config);
    wanted.limits.connections_per_address = config.http.connections_per_address;
    return wanted;
}

}  // namespace node
