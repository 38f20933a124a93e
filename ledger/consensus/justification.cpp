#include "ledger/consensus/justification.hpp"

namespace ledger::consensus {

Result<void> check_shape(const Justification& justification, const Header& header,
                         const Epoch& epoch)
{
    if (justification_hash(justification) != header.just_hash)
        return invalid("not the justification that the header names");
    const auto& parent = justification.parent;
    if (parent.has_value() != (header.parent_view != 0))
        return invalid("a parent needs its certificate, and the anchor has none");
    if (parent) {
        if (parent->kind == VoteKind::nullify)
            return invalid("the parent is nullified, not voted for");
        if (parent->epoch != epoch.number() || parent->view != header.parent_view ||
            parent->id != header.parent_id)
            return invalid("the certificate is not the parent's");
    }
    if (header.parent_view >= header.view ||
        justification.skipped.size() != header.view - header.parent_view - 1)
        return invalid("one certificate is needed for each view skipped, and no more");
    auto view = header.parent_view;
    for (const auto& skip : justification.skipped) {
        ++view;
        if (skip.kind != VoteKind::nullify || skip.epoch != epoch.number() || skip.view != view)
            return invalid("a skipped view is not nullified, or out of order");
    }
    return {};
}

Result<void> check_certificates(const Justification& justification, const Epoch& epoch,
                                CertificateChecker& checker)
{
    if (justification.parent)
        if (const auto done = checker.check(*justification.parent, epoch); !done) return done;
    for (const auto& skip : justification.skipped)
        if (const auto done = checker.check(skip, epoch); !done) return done;
    return {};
}

Result<void> check_structure(const Header& header, const Justification& justification,
                             const Epoch& epoch, CertificateChecker& checker)
{
    if (const auto done = check_header(header, epoch); !done) return done;
    if (const auto done = check_shape(justification, header, epoch); !done) return done;
    return check_certificates(justification, epoch, checker);
}

}  // namespace ledger::consensus
