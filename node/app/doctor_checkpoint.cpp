#include "ledger/base/hex.hpp"
#include "node/app/doctor_checks.hpp"
#include "node/app/trusted_checkpoint.hpp"

// What the operator trusts, and whether anybody's chain leads through it.
namespace node::doctor {

using namespace ledger;

void look_at_checkpoint(Findings& findings, const HomeFacts& known, const Home& home,
                        const Config& config, const LedgerFacts* facts)
{
    if (config.consensus.trusted_checkpoint.empty()) return;
    const auto read = read_trusted_checkpoint(home, config, *known.network);
    if (!read) {
        findings.fail("checkpoint", read.error().detail,
                      "put what /v1/checkpoint of a node that you trust gives into that file, or "
                      "take consensus.trustedCheckpoint out of config.json");
        return;
    }
    const auto anchor = anchor_of(**read);
    const auto found = "epoch " + std::to_string(anchor.epoch) + ", opened by block " +
                       std::to_string(anchor.height.value) + ", " + to_hex0x(anchor.id.view());
    if (facts == nullptr) return findings.ok("checkpoint", found);
    if (const auto good = facts->leads_through(anchor); !good)
        return findings.fail("checkpoint", found + "; " + good.error().detail,
                             good.error().kind == ErrorKind::invalid
                                 ? "compare the checkpoint with a node that you trust; if it is "
                                   "right, remove the data folder"
                                 : remedy_of(good.error()));
    // That the ledger cannot be asked is said where it is looked at.
    const auto tip = facts->tip();
    if (!tip || tip->refused.empty()) return findings.ok("checkpoint", found);
    const auto refused = found + "; " + tip->refused;
    // What it does not wait for any more it need not be helped to.
    if (tip->trouble.empty() && tip->height >= anchor.height.value)
        findings.warn("checkpoint", refused,
                      "this ledger leads through the checkpoint; the log says which peer brought "
                      "the other chain");
    else
        findings.fail("checkpoint", refused,
                      "compare the checkpoint with a node that you trust and name peers on that "
                      "chain; if blocks of the other one are here, remove the data folder");
}

}  // namespace node::doctor
