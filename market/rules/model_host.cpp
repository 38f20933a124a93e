#include "market/rules/host_rules.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/model_rules.hpp"
#include "market/settlement.hpp"
#include "market/signing.hpp"

#include <algorithm>

namespace market {
namespace {

Verdict check_version(const View& view, const HostingAgreement& agreement)
{
    if (agreement.ver == model_line) return {};
    const auto version = view.find<VersionRecord>({agreement.model, agreement.ver});
    if (!version) return Rejection::unknown_version;
    if (version->yanked_ms != 0) return Rejection::version_yanked;
    return {};
}

/// The sender has signed the transaction; the other side signs the agreement.
Verdict check_parties(const Context& context, const ModelHost& message, const Address& owner)
{
    const auto& host = message.agreement.host;
    if (context.sender != owner && context.sender != host) return Rejection::not_a_party;
    if (owner == host) {
        if (!message.counter_signature.is_zero()) return Rejection::wrong_signature;
        return {};
    }
    const auto digest = ledger::eip712::digest(context.network.transactions,
                                               ledger::eip712::struct_hash(message.agreement));
    if (!signed_by(context.sender == owner ? host : owner, digest, message.counter_signature))
        return Rejection::wrong_signature;
    return {};
}

/// The next agreement; remembers until when an earlier one still held.
Agreement renewed(const Agreement& before, const Context& context, const HostingAgreement& terms)
{
    Agreement made{terms.host_ppm, to_ms(terms.until), before.serial + 1, before.lapsed_ms};
    if (before.serial != 0) {
        const auto held =
            before.until_ms == 0 ? context.now_ms() : std::min(before.until_ms, context.now_ms());
        made.lapsed_ms = std::max(before.lapsed_ms, held);
    }
    return made;
}

Verdict put_split(State& state, const Context& context, const Split& split)
{
    const auto address = split_address(split.model, split.ver, split.host);
    if (state.has<Split>(address)) return {};
    if (const auto put = put_lasting(state, context, address, split); !put) return put;
    settle_balance(state, context, address);
    return {};
}

}  // namespace

Verdict apply(State& state, const Context& context, const ModelHost& message)
{
    const auto& terms = message.agreement;
    const auto model = state.find<Model>(terms.model);
    if (!model) return Rejection::unknown_model;
    if (const auto good = check_version(state, terms); !good) return good;
    if (const auto serves = check_host_serves(state, context, terms.host); !serves) return serves;
    if (terms.host_ppm.value > PartsPerMillion::whole) return Rejection::share_too_large;
    if (terms.until != 0 && to_ms(terms.until) <= context.now_ms())
        return Rejection::agreement_in_the_past;
    const AgreementKey key{terms.model, terms.ver, terms.host};
    const auto before = state.get<Agreement>(key);
    if (terms.serial != before.serial) return Rejection::stale_agreement;
    if (const auto good = check_parties(context, message, model->owner); !good) return good;

    const auto agreement = renewed(before, context, terms);
    if (const auto put = put_lasting(state, context, key, agreement); !put) return put;
    for (const auto ver : {terms.ver, model_line})
        if (const auto put = put_split(state, context, {terms.model, ver, terms.host}); !put)
            return put;
    context.emit(EventKind::changed, terms.host, {}, ledger::retag<Hash>(terms.model));
    return {};
}

}  // namespace market
