-- What every request asks first, answered in one statement. The function names the tenant to row security itself, for its own transaction only, and
-- its plans stay with the connection: sent as plain text, the same question took three times as long to plan as to answer.
CREATE FUNCTION autonomos_standing(asked UUID, OUT at_position BIGINT, OUT at_epoch BIGINT, OUT at_extension BIGINT)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('aos.tenant_id', asked::TEXT, TRUE);
    SELECT heads.position, heads.epoch INTO at_position, at_epoch FROM stream_heads heads WHERE heads.tenant_id = asked;
    SELECT MAX(extensions.version) INTO at_extension FROM ontology_extensions extensions WHERE extensions.tenant_id = asked;
    at_position := COALESCE(at_position, 0);
    at_epoch := COALESCE(at_epoch, 0);
    at_extension := COALESCE(at_extension, 0);
END
$$;
REVOKE ALL ON FUNCTION autonomos_standing(UUID) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION autonomos_standing(UUID) TO autonomos_application_rights;
