#include "node/app/commands.hpp"

#include "ledger/codec/binary.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/address.hpp"
#include "node/app/command_support.hpp"
#include "node/app/first_sync.hpp"
#include "node/app/home_journal.hpp"
#include "node/app/logging.hpp"
#include "node/app/node.hpp"
#include "node/app/offline_ledger.hpp"
#include "node/core/verify.hpp"
#include "node/env/clock.hpp"
#include "node/env/files.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <fstream>
#include <iostream>

namespace node {
namespace {

using namespace ledger;
using nlohmann::json;

json journal_json(const std::optional<JournalReport>& report)
{
    if (!report) return nullptr;
    const auto& payments = report->payments;
    return {{"entries", report->entries},      {"logRecords", report->log_records},
            {"tornBytes", report->torn_bytes}, {"channels", payments.channels},
            {"vouchers", payments.vouchers},   {"receipts", payments.receipts},
            {"batches", payments.batches},     {"recordsWithoutBatch", payments.loose},
            {"calls", payments.calls},         {"answers", payments.answers},
            {"passes", payments.passes}};
}

std::string journal_text(const std::optional<JournalReport>& report)
{
    if (!report) return "no journal of payments yet";
    const auto& payments = report->payments;
    return "verified " + std::to_string(report->entries) + " entries of the journal and " +
           std::to_string(report->log_records) +
           " records of its log: " + std::to_string(payments.channels) + " channels, " +
           std::to_string(payments.vouchers) + " vouchers, " + std::to_string(payments.receipts) +
           " receipts, " + std::to_string(payments.batches) + " batches, " +
           std::to_string(payments.calls) + " calls";
}

int recover_journal(const CommandOptions& options)
{
    const auto loss = accept_journal_loss(Home{options.home});
    if (!loss) return fail(loss.error());
    if (options.json) {
        std::cout << json{{"keptEntries", loss->kept}, {"aside", loss->aside.string()}}.dump()
                  << "\n";
        return 0;
    }
    std::cout << "the node goes on with " << loss->kept << " entries of its journal";
    if (!loss->aside.empty())
        std::cout << "; what could not be used lies in " << loss->aside.string();
    std::cout << "\n";
    return 0;
}

}  // namespace

int init_command(CommandOptions& options)
{
    auto balances = read_balances(options.balances);
    if (!balances) return fail(balances.error());
    options.init.balances = std::move(*balances);
    auto issuers = read_addresses(options.issuers);
    if (!issuers) return fail(issuers.error());
    options.init.issuers = std::move(*issuers);
    SystemRandom random;
    const Home home{options.home};
    if (const auto done = init_home(home, options.init, random, SystemClock{}.wall()); !done)
        return fail(done.error());
    const auto genesis = read_genesis(home);
    if (!genesis) return fail(genesis.error());
    const auto key = read_key(home.host_key());
    if (!key) return fail(key.error());
    std::cout << json{{"home", options.home},
                      {"network", genesis->name},
                      {"chainId", genesis->chain_id.value},
                      {"account", to_checksum(address_of(*key))},
                      {"asset", to_checksum(genesis->asset.address)}}
                     .dump()
              << "\n";
    return 0;
}

int run_command(const CommandOptions& options)
{
    const auto config = read_config(options);
    if (!config) return fail(config.error());
    start_logging(config->log);

    // Signals are taken by this thread alone; every other one is started with them blocked.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigset_t told = ends;
    sigaddset(&told, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &told, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    // A write above a limit on file sizes fails like one to a full disk, and is told like it.
    std::signal(SIGXFSZ, SIG_IGN);

    const Home home{options.home};
    const auto begins = FirstSync::is_wanted(home, *config);
    if (!begins) return fail(begins.error());
    if (*begins) {
        const auto first = FirstSync::start(home, *config);
        if (!first) return fail(first.error());
        const timespec at_once{};
        while (!(*first)->ended(std::chrono::milliseconds{100})) {
            if (sigtimedwait(&ends, nullptr, &at_once) < 0) continue;
            spdlog::info("stopping");
            return 0;
        }
        if (const auto done = (*first)->outcome(); !done) return fail(done.error());
    }

    auto node = Node::start(home, *config, [options] { return read_config(options); });
    if (!node) return fail(node.error());
    spdlog::info("millraced {} listens on {}:{}", node_version(), config->http.address,
                 (*node)->http_port());
    if (!options.port_file.empty()) {
        const auto text = std::to_string((*node)->http_port()) + "\n";
        if (const auto done = write_file(options.port_file, as_bytes(text), FileMode::public_file);
            !done)
            return fail(done.error());
    }
    int signal = 0;
    while (sigwait(&told, &signal) == 0 && signal == SIGHUP) (*node)->reload();
    spdlog::info("stopping");
    (*node)->stop();
    return 0;
}

int verify_command(const CommandOptions& options)
{
    PosixDisk disk;
    SystemRandom random;
    auto ledger = open_offline(Home{options.home}, disk, random);
    if (!ledger) return fail(ledger.error());
    const auto tip = (*ledger)->store->tip()->value;
    const auto report = verify_chain(*(*ledger)->network, *(*ledger)->store, [&](Height height) {
        std::cerr << "\rverified " << height.value << " of " << tip << " blocks" << std::flush;
    });
    std::cerr << "\r";
    if (!report) {
        close(**ledger);
        return fail(report.error());
    }
    const auto journal =
        verify_home_journal(Home{options.home}, *(*ledger)->network, [](std::uint64_t receipts) {
            std::cerr << "\rverified " << receipts << " receipts of the journal" << std::flush;
        });
    std::cerr << "\r";
    close(**ledger);
    if (!journal) return fail(journal.error());
    auto not_checked = report->not_checked;
    if (*journal)
        not_checked.insert(not_checked.end(), (*journal)->not_checked.begin(),
                           (*journal)->not_checked.end());
    if (options.json) {
        std::cout << json{{"verified", true},
                          {"from", report->from.value},
                          {"blocks", report->blocks},
                          {"transactions", report->transactions},
                          {"stateEntries", report->state_entries},
                          {"tip", codec::to_json(report->tip)},
                          {"stateRoot", codec::to_json(report->state_root)},
                          {"journal", journal_json(*journal)},
                          {"notChecked", not_checked}}
                         .dump()
                  << "\n";
    } else {
        std::cout << "verified " << report->blocks << " blocks, " << report->transactions
                  << " transactions, " << report->state_entries << " state entries; tip "
                  << to_hex0x(report->tip.view()) << "\n"
                  << journal_text(*journal) << "\n";
        for (const auto& what : not_checked) std::cout << "not checked: " << what << "\n";
    }
    return 0;
}

int export_command(const CommandOptions& options)
{
    PosixDisk disk;
    SystemRandom random;
    auto ledger = open_offline(Home{options.home}, disk, random);
    if (!ledger) return fail(ledger.error());
    std::ofstream file;
    if (!options.out.empty()) {
        file.open(options.out, std::ios::trunc);
        if (!file) return fail({ErrorKind::io, "cannot write " + options.out});
    }
    std::ostream& out = options.out.empty() ? std::cout : file;
    const auto& store = *(*ledger)->store;
    const auto last = std::min(options.to.value_or(~0ull), store.tip()->value);
    auto first = options.from;
    if (!options.from_given && store.base()->value != 0) {
        // The block of a snapshot has no body here; a pruned store begins with a whole one.
        const auto base = store.block(*store.base());
        if (!base) return fail(base.error());
        first = base->height.value + (has_body(*base) ? 0 : 1);
        std::cerr << "millraced: blocks before " << first << " are not here\n";
    }
    for (auto height = first; height <= last; ++height) {
        const auto block = store.block({height});
        if (!block) return fail(block.error());
        const auto header = decode_header(block->header);
        if (!header) return fail(header.error());
        const auto body = decode_body(block->body);
        if (!body) return fail(body.error());
        const auto receipts = codec::decode<std::vector<market::Receipt>>(block->receipts);
        if (!receipts) return fail(receipts.error());
        auto transactions = json::array();
        for (const auto& encoded : *body) {
            const auto decoded = market::decode_checked(*(*ledger)->network, encoded);
            if (!decoded) return fail(decoded.error());
            transactions.push_back({{"txId", codec::to_json(decoded->id)},
                                    {"sender", codec::to_json(decoded->envelope.sender)},
                                    {"message", market::message_json(decoded->message)},
                                    {"encoded", to_hex0x(encoded)}});
        }
        out << json{{"id", codec::to_json(block->id)},
                    {"header", codec::to_json(*header)},
                    {"transactions", std::move(transactions)},
                    {"receipts", codec::to_json(*receipts)},
                    {"certificate", to_hex0x(block->certificate)}}
                   .dump()
            << "\n";
    }
    out.flush();
    close(**ledger);
    return out ? 0 : fail({ErrorKind::io, "writing failed"});
}

int recover_command(const CommandOptions& options)
{
    if (!options.accept_fork_risk && !options.accept_journal_loss)
        return fail({ErrorKind::invalid,
                     "a log that has lost votes may have made a block final that is not here any "
                     "more: say --accept-fork-risk if nobody relies on such a block; for a journal "
                     "of payments that was lost, --accept-journal-loss"});
    if (options.accept_journal_loss) {
        const auto code = recover_journal(options);
        if (code != 0 || !options.accept_fork_risk) return code;
    }
    const Home home{options.home};
    auto key = read_key(home.validator_key());
    if (!key) return fail(key.error());
    PosixDisk disk;
    SystemRandom random;
    const auto ledger = open_store(Home{options.home});
    if (!ledger) return fail(ledger.error());
    const consensus::SchnorrSigner signer{std::move(*key)};
    const auto report = accept_fork_risk((*ledger)->log_parts(home, disk, random), signer,
                                         consensus::SchnorrVerifier{});
    if (!report) return fail(report.error());
    if (options.json) {
        std::cout
            << json{{"height", report->height.value}, {"nullifiedTo", report->nullified_to}}.dump()
            << "\n";
    } else {
        std::cout << "the node goes on behind block " << report->height.value
                  << "; what the log had beyond it is given up, up to view " << report->nullified_to
                  << "\n";
    }
    return 0;
}

int config_command(const CommandOptions& options)
{
    const auto config = read_config(options);
    if (!config) return fail(config.error());
    std::cout << config_json(*config);
    return 0;
}

}  // namespace node
