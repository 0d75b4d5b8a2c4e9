-- A product was one for each address; now the releases of one product are those whose profile lies in a folder of its
-- name: .../software/mariadb/software.cfg is a release of mariadb. An address without a folder stays its own product.
create temporary table named on commit drop as
    select id as release_id, coalesce(substring(
        regexp_replace(regexp_replace(url, '[?#].*$', ''), '^[A-Za-z][A-Za-z0-9+.-]*://[^/]*', '')
        from '([^/]+)/[^/]*$'), url) as title
    from software_release;

insert into software_product (title, created_at)
    select n.title, min(r.created_at)
    from named n join software_release r on r.id = n.release_id
    group by n.title
    on conflict (title) do nothing;

update software_release r set product_id = p.id
    from named n join software_product p on p.title = n.title
    where n.release_id = r.id;

delete from software_product p
    where not exists (select from software_release r where r.product_id = p.id);

create index software_release_product on software_release (product_id);
