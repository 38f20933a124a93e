#include "ledger/base/hex.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/lease_terms.hpp"
#include "wallet/cli/node_lists.hpp"

#include <memory>

namespace wallet::cli {
namespace {

struct VerifierDutiesOptions {
    std::string arch_class, stake, lease, result, evidence;
    std::uint64_t segment = 0;
    bool unavailable = false;
};

/// What this account got; zero: the input could not be had.
ledger::Hash result_of(const VerifierDutiesOptions& options)
{
    if (options.unavailable) return {};
    if (options.result.empty())
        fail(Fault::usage, "name the commitment that you got, or --unavailable");
    return id_of<ledger::Hash>(options.result, "commitment");
}

void report(Session& session, const VerifierDutiesOptions& options)
{
    market::VerifyReport message{
        lease_id_of(options.lease), options.segment, result_of(options), {}};
    if (!options.evidence.empty())
        message.evidence_root = id_of<ledger::Hash>(options.evidence, "hash");
    session.transact(message, "reported");
}

void commit(Session& session, const VerifierDutiesOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto account = session.account();
    const auto salt = jury_salt(session.unlock(account), id, dispute_of(session, id));
    session.transact(
        market::JuryCommit{id, options.segment,
                           market::jury_commitment(id, options.segment, account.address,
                                                   result_of(options), salt)},
        "bound, unseen; reveal it when all jurors are");
}

void reveal(Session& session, const VerifierDutiesOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto salt = jury_salt(session.unlock(session.account()), id, dispute_of(session, id));
    session.transact(market::JuryReveal{id, options.segment, result_of(options), salt}, "revealed");
}

}  // namespace

void add_verifier_duties(CLI::App& gpu, Session& session)
{
    auto options = std::make_shared<VerifierDutiesOptions>();
    auto* join = gpu.add_subcommand("verify-join", "Execute segments again, with a stake");
    join->add_option("CLASS", options->arch_class, "of your machine: cpu, sm_90")->required();
    join->add_option("--stake", options->stake, "tokens")->required();
    join->callback([=, &session] {
        session.transact(
            market::VerifierJoin{options->arch_class, amount_of(options->stake, "--stake")},
            "joined");
    });
    auto* leave = gpu.add_subcommand("verify-leave",
                                     "End it; sent again after the notice, returns the stake");
    leave->add_option("CLASS", options->arch_class)->required();
    leave->callback(
        [=, &session] { session.transact(market::VerifierLeave{options->arch_class}, "left"); });
    const auto add = [&](const char* name, const char* help, auto work) {
        auto* app = gpu.add_subcommand(name, help);
        app->add_option("LEASE", options->lease)->required();
        app->add_option("SEGMENT", options->segment)->required();
        app->add_option("RESULT", options->result,
                        "commitment, as `millrace-trainer replay` prints it");
        app->add_flag("--unavailable", options->unavailable, "the input could not be had");
        app->callback([=, &session] { work(session, *options); });
        return app;
    };
    add("report", "Verifier: say what a segment gave", report)
        ->add_option("--evidence", options->evidence, "SHA-256 of your own records");
    add("jury-commit", "Juror: bind yourself to what a segment gave", commit);
    add("jury-reveal", "Juror: show it", reveal);
}

}  // namespace wallet::cli
