#include "inference/engine.hpp"
#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "node/app/doctor_checks.hpp"
#include "node/app/offline_ledger.hpp"
#include "node/env/files.hpp"
#include "node/env/open_files.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <sys/timex.h>

#include <algorithm>

// What the machine and the home are like.
namespace node::doctor {

using namespace ledger;
namespace fs = std::filesystem;
namespace asio = boost::asio;

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::uint64_t bytes_to_start = 96 * mib;
constexpr std::uint64_t bytes_to_feel_well = 2048 * mib;

void look_at_key(Findings& findings, HomeFacts& known, const Home& home, const std::string& name,
                 const fs::path& path, const char* when_missing)
{
    std::error_code ignored;
    if (when_missing && !fs::exists(path, ignored)) {
        findings.ok(name, when_missing);
        return;
    }
    auto key = read_key(path);
    if (!key) {
        findings.fail(
            name, key.error().detail,
            "put back the key from its backup, with chmod 600; without one the home is lost");
        return;
    }
    const auto own = public_key(*key);
    if (std::find(known.keys.begin(), known.keys.end(), own) != known.keys.end()) {
        findings.fail(name, path.string() + " is a key that stands here already",
                      "each of the home's keys needs to be one of its own");
        return;
    }
    known.keys.push_back(own);
    findings.ok(name, path.string() + " is a key, and ours alone");
    if (path == home.host_key()) known.host = address_of(*key);
    if (path == home.validator_key()) known.validator = consensus_key(*key);
}

void look_at_port(Findings& findings, const std::string& check, const std::string& address,
                  std::uint16_t port)
{
    boost::system::error_code error;
    const auto ip = asio::ip::make_address(address, error);
    if (error || port == 0) return;
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor{io};
    const asio::ip::tcp::endpoint where{ip, port};
    acceptor.open(where.protocol(), error);
    if (!error) acceptor.set_option(asio::ip::tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor.bind(where, error);
    if (!error) acceptor.listen(1, error);
    const auto found = address + " port " + std::to_string(port);
    if (error)
        findings.fail(check, found + ": " + error.message(),
                      "end what uses it, or set another port in config.json");
    else
        findings.ok(check, found + " is free");
}

}  // namespace

bool look_at_home(Findings& findings, const Home& home)
{
    const auto good = check_private(home.folder);
    if (good) {
        findings.ok("home", home.folder.string() + " is ours alone");
        return true;
    }
    findings.fail("home", good.error().detail,
                  good.error().kind == ErrorKind::not_found
                      ? "make it: millraced init --home " + home.folder.string()
                      : "run this as the user that the node runs "
                        "as, and keep others out of the folder");
    return false;
}

void look_at_keys(Findings& findings, HomeFacts& known, const Home& home)
{
    look_at_key(findings, known, home, "key.host", home.host_key(), nullptr);
    look_at_key(findings, known, home, "key.validator", home.validator_key(),
                "none: this node only follows");
    look_at_key(findings, known, home, "key.peer", home.peer_key(),
                "none yet: it is drawn at the next start");
}

bool look_at_genesis(Findings& findings, HomeFacts& known, const Home& home)
{
    auto network = read_network(home);
    if (!network) {
        findings.fail("genesis", network.error().detail,
                      "take the document of your network; its operators publish it");
        return false;
    }
    known.network = std::move(*network);
    findings.ok("genesis", "network " + known.network->genesis.name + ", id " +
                               to_hex0x(known.network->genesis_id.view()));
    return true;
}

void look_at_space(Findings& findings, const Home& home)
{
    std::error_code error;
    const auto space = fs::space(home.folder, error);
    if (error) {
        findings.warn("disk", "cannot tell: " + error.message(), "look at the disk of the home");
        return;
    }
    const auto left = std::to_string(space.available / mib) + " MiB are left";
    if (space.available < bytes_to_start)
        findings.fail("disk", left, "the node starts with 96 MiB and wants gigabytes: make room");
    else if (space.available < bytes_to_feel_well)
        findings.warn("disk", left, "make room before the node stops taking work");
    else
        findings.ok("disk", left);
}

void look_at_clock(Findings& findings)
{
    timex answer{};
    const int state = ::adjtimex(&answer);
    if (state >= 0 && (answer.status & STA_UNSYNC) == 0)
        findings.ok("clock", "it is kept by a time server");
    else
        findings.warn("clock", "the system does not say that it is kept by a time server",
                      "run an NTP client, as in: timedatectl set-ntp true");
}

void look_at_files(Findings& findings, const Config& config)
{
    const auto most = most_open_files();
    const auto wanted = config.http.connections + files_besides_callers;
    const auto found =
        std::to_string(most) + " open files are allowed, " + std::to_string(wanted) + " wanted";
    if (most >= wanted)
        findings.ok("limits", found);
    else
        findings.warn("limits", found,
                      "raise it (ulimit -Hn, LimitNOFILE= of the unit) or lower http.connections");
}

void look_at_public_url(Findings& findings, const Config& config)
{
    const auto& url = config.http.public_url;
    boost::system::error_code bad;
    const auto address = asio::ip::make_address(config.http.address, bad);
    if (bad) {
        findings.fail("http.address", config.http.address + " is not an IP address",
                      "0.0.0.0 or :: listens on all, 127.0.0.1 for this machine alone");
        return;
    }
    if (url.empty()) {
        if (address.is_loopback())
            findings.ok("http.publicUrl", "not set: callers on this machine alone");
        else
            findings.warn("http.publicUrl", "not set, and callers may come from elsewhere",
                          "set the URL under which they come: offers and receipts name it");
        return;
    }
    const auto mark = url.find("://");
    const auto scheme = url.substr(0, mark);
    const auto rest = mark == std::string::npos ? std::string{} : url.substr(mark + 3);
    if ((scheme != "http" && scheme != "https") || rest.empty() ||
        rest.find_first_of("/?#@ ") != std::string::npos)
        findings.fail("http.publicUrl", url + " is not http(s)://HOST[:PORT]",
                      "name scheme and host alone, with no slash at its end");
    else if (scheme == "http" && !address.is_loopback())
        findings.warn("http.publicUrl", url + " is without TLS",
                      "payments are signed but not secret: put a TLS proxy in front of it");
    else
        findings.ok("http.publicUrl", url);
}

void look_at_engine(Findings& findings, const Config& config)
{
    const bool is_needed = std::ranges::any_of(
        config.host.models, [](const auto& model) { return model.backend.kind == "onnx"; });
    const auto engine = inference::open_onnx_engine(config.onnxruntime);
    if (engine)
        findings.ok("onnxruntime", (*engine)->version());
    else if (is_needed)
        findings.fail("onnxruntime", engine.error().detail,
                      "set onnxruntime to the library's path");
    else
        findings.ok("onnxruntime", "not found, and no model needs it");
}

void look_at_ports(Findings& findings, const Config& config)
{
    look_at_port(findings, "port.http", config.http.address, config.http.port);
    if (config.peers.listen)
        look_at_port(findings, "port.peers", config.peers.address, config.peers.port);
}

}  // namespace node::doctor
