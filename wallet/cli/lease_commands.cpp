#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/lease_voucher.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/lease_terms.hpp"
#include "wallet/cli/node_lists.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

constexpr std::size_t voucher_bytes = 64 * 1024;

struct Options {
    std::string lease, environment, initial, log, voucher, reason, bond;
    std::uint64_t seconds = 0;
    std::uint64_t segment = 0;
};

market::LeaseMeter meter_of(const market::LeaseId& id, const market::Lease& lease)
{
    market::LeaseMeter meter;
    meter.lease = id;
    meter.tenant = lease.tenant;
    meter.provider = lease.provider;
    meter.rate = lease.rate;
    meter.most_s = lease.most_s;
    meter.started_ms = lease.started_ms;
    return meter;
}

/// Commits to the segments that the trainer has ended since the last time.
void checkpoint(Session& session, const Options& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto commitments = commitments_in(options.log);
    if (commitments.size() <= lease.segments)
        fail(Fault::refused, "the log has no segment that is not committed to");
    market::LeaseCheckpoint message{id, lease.segments, commitments.size(), {}, {}};
    std::vector<ledger::Hash> leaves;
    for (auto i = message.seg_from; i < message.seg_to; ++i)
        leaves.push_back(ledger::merkle_leaf(commitments[i].view()));
    message.root = ledger::merkle_root(leaves);
    message.cursor = commitments.back();
    session.transact(message, "committed to segments " + std::to_string(message.seg_from) + " to " +
                                  std::to_string(message.seg_to - 1));
}

/// Money: whoever holds it can draw it.
void voucher(const Session& session, const Options& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto account = session.account();
    if (lease.tenant != account.address)
        fail(Fault::refused, "only the tenant of a lease signs its vouchers");
    const auto made = market::make_voucher(meter_of(id, lease), options.seconds);
    if (!made)
        fail(Fault::refused,
             "at most " + std::to_string(lease.most_s) + " seconds of this lease can be paid");
    const auto signature =
        ledger::sign(session.unlock(account), market::voucher_digest(*session.network(), *made));
    json document = codec::to_json(*made);
    document["signature"] = codec::to_json(signature);
    session.show(document, [&] { std::cout << document.dump() << "\n"; });
}

void claim(Session& session, const Options& options)
{
    const auto bytes = read_input(options.voucher, voucher_bytes);
    const auto said = must(codec::parse_json(ledger::as_text(bytes)));
    market::LeaseClaim message;
    message.lease = lease_id_of(said.value("lease", std::string{}));
    const auto seconds = codec::parse_decimal(said.value("seconds", json{}).is_string()
                                                  ? said["seconds"].get<std::string>()
                                                  : said.value("seconds", json{}).dump());
    const auto signature = ledger::id_from_hex<ledger::Signature>(said.value("signature", ""));
    if (!seconds || !signature) fail(Fault::usage, options.voucher + " is no voucher of a lease");
    message.seconds = *seconds;
    message.signature = *signature;
    session.transact(message, "drawn for " + std::to_string(*seconds) + " s");
}

market::CloseReason reason_of(const std::string& name)
{
    const std::pair<const char*, market::CloseReason> names[] = {
        {"done", market::CloseReason::done},
        {"starved", market::CloseReason::starved},
        {"stalled", market::CloseReason::stalled},
        {"paid-out", market::CloseReason::paid_out},
        {"reclaimed", market::CloseReason::reclaimed}};
    for (const auto& [text, reason] : names)
        if (name == text) return reason;
    fail(Fault::usage, name + " is no reason");
}

/// What provider and tenant show once there are reports: the provider's commitments by its log, the
/// tenant's decoys by its key.
void reveal(Session& session, const Options& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto verification = session.record<market::Verification>(id);
    if (!verification) fail(Fault::not_found, "nobody has been drawn for this lease");
    market::VerifyReveal message{id, {}, {}};
    if (!options.log.empty()) {
        const auto commitments = commitments_in(options.log);
        for (const auto& slot : verification->slots)
            if (slot.reported && !slot.opened)
                message.openings.push_back(opening_of(session, id, slot.segment, commitments));
    }
    const auto account = session.account();
    if (lease.tenant == account.address && !verification->planted_shown) {
        const auto order = order_of(session, lease.order);
        message.planted = decoys_of(session.unlock(account), order).planted;
    }
    if (message.openings.empty() && message.planted.empty())
        fail(Fault::refused, "there is nothing to show: no report waits for it");
    session.transact(message, std::to_string(message.openings.size()) + " segments and " +
                                  std::to_string(message.planted.size()) + " decoys shown");
}

void assign(Session& session, const Options& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto account = session.account();
    const auto secret = beacon_secret(session.unlock(account), order_of(session, lease.order));
    session.transact(market::VerifyAssign{id, secret}, "segments and verifiers are drawn");
}

void dispute(Session& session, const Options& options)
{
    const auto id = lease_id_of(options.lease);
    session.confirm("Call a jury? The bond is lost where it finds what the provider committed to.");
    session.transact(
        market::DisputeOpen{id,
                            opening_of(session, id, options.segment, commitments_in(options.log)),
                            amount_of(options.bond, "--bond")},
        "a jury is called");
}

void show(const Session& session, const std::string& lease)
{
    const auto found =
        must(session.client().get("/v1/leases/" + ledger::to_hex0x(lease_id_of(lease).view())));
    session.show(found, [&] { std::cout << found.dump(2) << "\n"; });
}

}  // namespace

void add_lease_commands(CLI::App& gpu, Session& session)
{
    auto options = std::make_shared<Options>();
    const auto add = [&](const char* name, const char* help, auto work) {
        auto* app = gpu.add_subcommand(name, help);
        app->add_option("LEASE", options->lease)->required();
        app->callback([=, &session] { work(session, *options); });
        return app;
    };
    add("show", "A lease, with its verification",
        [](Session& s, const Options& o) { show(s, o.lease); });
    auto* start =
        add("start", "Provider: begin; time runs from here", [](Session& s, const Options& o) {
            market::LeaseStart message;
            message.lease = lease_id_of(o.lease);
            if (!o.environment.empty())
                message.env_hash = id_of<ledger::Hash>(o.environment, "hash");
            if (!o.initial.empty()) message.initial = id_of<ledger::Hash>(o.initial, "commitment");
            s.transact(message, "started");
        });
    start->add_option("--environment", options->environment, "SHA-256 of what runs where");
    start->add_option("--initial", options->initial, "commitment before the first step");
    add("checkpoint", "Provider: commit to what the trainer's --log says", checkpoint)
        ->add_option("--log", options->log)
        ->required();
    auto* sign =
        add("voucher", "Tenant: pay for the time up to here; prints what the provider draws",
            [](Session& s, const Options& o) { voucher(s, o); });
    sign->add_option("--seconds", options->seconds, "since the start, all together")->required();
    auto* draw = gpu.add_subcommand("claim", "Provider: draw what a voucher adds");
    draw->add_option("VOUCHER", options->voucher, "file, or - for stdin")->required();
    draw->callback([=, &session] { claim(session, *options); });
    add("reclaim", "Provider: give notice", [](Session& s, const Options& o) {
        s.transact(market::LeaseReclaim{lease_id_of(o.lease)}, "notice is given");
    });
    auto* close = add("close", "End the time that is paid", [](Session& s, const Options& o) {
        s.transact(market::LeaseClose{lease_id_of(o.lease), reason_of(o.reason)}, "closed");
    });
    close->add_option("--reason", options->reason, "done, starved, stalled, paid-out, reclaimed")
        ->default_val("done");
    add("assign", "Tenant: draw segments and verifiers", assign);
    add("reveal", "Provider or tenant: show what was committed to, once it is reported", reveal)
        ->add_option("--log", options->log, "of the trainer");
    auto* doubt = add("dispute", "Tenant: call a jury for a segment", dispute);
    doubt->add_option("--segment", options->segment)->required();
    doubt->add_option("--log", options->log, "of the trainer")->required();
    doubt->add_option("--bond", options->bond, "tokens")->required();
    add("settle", "Do what is due with a lease that was closed", [](Session& s, const Options& o) {
        s.transact(market::LeaseSettle{lease_id_of(o.lease)}, "settled as far as it is due");
    });
}

}  // namespace wallet::cli
