#include "ledger/crypto/address.hpp"
#include "node/app/doctor_checks.hpp"
#include "node/app/load_models.hpp"
#include "node/app/model_files.hpp"
#include "node/env/files.hpp"

#include <algorithm>

// What the ledger says of this node, and of the models that it serves.
namespace node::doctor {

using namespace ledger;

namespace {

constexpr std::uint64_t fees_to_feel_well = 100;
constexpr std::size_t model_file_bytes = std::size_t{2} << 30;

void look_at_model(Findings& findings, const std::string& check, const Config& config,
                   const VersionFile& version, const std::optional<market::ModelId>& id,
                   const LedgerFacts* facts)
{
    const auto& path = version.path;
    const auto bytes = read_file(path, model_file_bytes);
    if (!bytes) {
        findings.fail(check, bytes.error().detail,
                      "put the file there, readable for the node's user");
        return;
    }
    const auto summary = inference::inspect_model(*bytes, model_limits(config.host));
    if (!summary) {
        findings.fail(check, path.string() + ": " + summary.error().detail,
                      "take another file; host.operators says which operators this node allows");
        return;
    }
    const auto size =
        std::to_string(bytes->size()) + " bytes, " + std::to_string(summary->nodes) + " nodes";
    if (!id || !facts) {
        findings.ok(check, size + (id ? "" : ", served free"));
        return;
    }
    const auto registered = facts->content(*id, version.ver);
    if (!registered)
        findings.fail(check, registered.error().detail, remedy_of(registered.error()));
    else if (!*registered)
        findings.warn(check, size + ", not on the ledger: calls get 503", "millrace model publish");
    else if (**registered != retag<market::ContentId>(summary->content_id))
        findings.fail(check, path.string() + " is not what the ledger has registered",
                      "take the file that was registered, or register this one as a new version");
    else
        findings.ok(check, size + ", as registered");
}

}  // namespace

std::string remedy_of(const Error& error)
{
    if (error.kind == ErrorKind::corrupt) return "stop the node and run: millraced verify";
    if (error.kind == ErrorKind::unavailable)
        return "wait until the node has started, or look at its log";
    return "see what it says";
}

void look_at_ledger(Findings& findings, const HomeFacts& known, const Clock& clock,
                    const LedgerFacts& facts)
{
    const auto tip = facts.tip();
    if (!tip) {
        findings.fail("ledger", tip.error().detail, remedy_of(tip.error()));
        return;
    }
    const auto found = facts.source() + " is at block " + std::to_string(tip->height);
    if (!tip->trouble.empty())
        findings.fail("ledger", found + " and takes no work: " + tip->trouble,
                      "put that right and start the node again");
    else
        findings.ok("ledger", found);
    const auto ahead =
        static_cast<std::int64_t>(tip->time.value) - static_cast<std::int64_t>(clock.wall().value);
    if (ahead > static_cast<std::int64_t>(known.network->params().max_drift_ms))
        findings.fail("clock.ledger",
                      "this clock is " + std::to_string(ahead) + " ms behind the newest block",
                      "set it: blocks of others are refused, and this node's votes come late");
    else
        findings.ok("clock.ledger", "not behind the newest block");
}

void look_at_validator(Findings& findings, const HomeFacts& known, const LedgerFacts& facts,
                       const Config& config)
{
    const auto voting = facts.voting(known.validator);
    if (!voting) {
        findings.fail("validator", voting.error().detail, remedy_of(voting.error()));
        return;
    }
    if (!voting->silenced.empty())
        findings.fail(
            "validator", "the key does not vote: " + voting->silenced,
            "other validators go on; join with a new key, or see millraced recover --help");
    else if (voting->is_validator)
        findings.ok("validator", "one of " + std::to_string(voting->validators) + ", and votes");
    else
        findings.ok("validator", "not in the present set: this node follows");

    const bool is_alone = voting->is_validator && voting->validators <= 1;
    if (is_alone) return;
    if (facts.is_running()) {
        const auto peers = facts.peers();
        if (peers && *peers == 0)
            findings.warn("peers", "nobody is connected",
                          "see peers.fixed, the port, and the firewall");
        else if (peers)
            findings.ok("peers", std::to_string(*peers) + " are connected");
    } else if (config.peers.fixed.empty()) {
        findings.warn("peers", "none are configured",
                      "name some in peers.fixed, unless others dial us");
    }
}

void look_at_host(Findings& findings, const HomeFacts& known, const LedgerFacts& facts,
                  const Config& config)
{
    const bool sells = std::any_of(config.host.models.begin(), config.host.models.end(),
                                   [](const auto& model) { return !model.model.empty(); });
    if (!sells || !known.host) {
        if (!sells) findings.ok("host", "no model has a price");
        return;
    }
    auto account = *known.host;
    if (!config.host.account.empty()) {
        const auto named = parse_address(config.host.account);
        if (!named) {
            findings.fail("host", "host.account is not an address", "0x and 40 hex digits");
            return;
        }
        account = *named;
    }
    const auto standing = facts.host(account, *known.host);
    if (!standing)
        findings.fail("host", standing.error().detail, remedy_of(standing.error()));
    else if (!standing->is_registered)
        findings.fail("host", to_checksum(account) + " is no host on the ledger: nobody can pay it",
                      "millrace host register --key " + to_checksum(*known.host));
    else if (!standing->key_is_active)
        findings.fail(
            "host", to_checksum(*known.host) + " is no active key of host " + to_checksum(account),
            "millrace host key add " + to_checksum(*known.host));
    else if (standing->bond < known.network->params().min_bond || standing->is_unbonding)
        findings.fail("host", "its bond no longer covers claims",
                      "millrace host register, with more");
    else
        findings.ok("host", to_checksum(account) + " with this home's key");

    const auto balance = facts.balance(*known.host);
    const auto least = known.network->params().min_fee.times(fees_to_feel_well);
    if (balance && least && *balance < *least)
        findings.warn("host.fees",
                      to_checksum(*known.host) + " has little left for the fees of claims",
                      "send it some tokens: it pays for every claim");
    else if (balance)
        findings.ok("host.fees", to_checksum(*known.host) + " can pay the fees of claims");
}

void look_at_models(Findings& findings, const Home& home, const Config& config,
                    const LedgerFacts* facts)
{
    for (const auto& model : config.host.models) {
        const auto id = model_of(model);
        const auto files = version_files(home.folder, model);
        const auto check = "model." + model.name;
        if (!files)
            findings.fail(check, files.error().detail,
                          "correct host.models, or put the file there");
        else if (!id)
            findings.fail(check, id.error().detail, "correct host.models");
        else
            for (const auto& file : *files)
                look_at_model(findings, check + "." + std::to_string(file.ver.value), config, file,
                              *id, facts);
    }
}

}  // namespace node::doctor
