-- Names that look the same to a reader are one course: invisible characters go, white space becomes single blanks with none at the ends, the rest is
-- put in Unicode's form C. Of courses that share a slug the one with the preferred name has it plain, the others go on with ~ and a hash of the name.

update courses set name = clean.name
from (
  select distinct on (name) course_id, name
  from (
    select course_id, normalize(btrim(regexp_replace(
      regexp_replace(name, '[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]', '', 'g'),
      '[\u0001-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+', ' ', 'g')), nfc) as name
    from courses) as cleaned
  order by name, course_id) as clean
where courses.course_id = clean.course_id and courses.name <> clean.name
  -- Two courses that are one by this rule stay two, with what each has counted, until the verb rebuild; new events go to the clean name's.
  and not exists (select from courses as other where other.name = clean.name);

update courses set slug = normalize(slug, nfc)
where slug is not nfc normalized and not exists (select from courses as other where other.slug = normalize(courses.slug, nfc));

-- A slug that ended in -2, -3, and so on, where that number is not the name's own.
create temporary table shared_slugs on commit drop as
with numbered as (
  select course.course_id, plain.slug
  from courses as course join courses as plain on plain.slug = regexp_replace(course.slug, '-\d+$', '')
  where course.slug ~ '-\d+$' and substring(course.slug from '\d+$') is distinct from substring(course.name from '(\d+)[^0-9]*$')
), members as (
  select course_id, slug from numbered
  union
  select course_id, slug from courses where slug in (select slug from numbered)
)
select course_id, members.slug,
  row_number() over (partition by members.slug order by name <> upper(name) and name <> lower(name) desc, length(name), name collate "C") as place
from members join courses using (course_id);

update courses set slug = shared_slugs.slug || '~' || left(encode(sha256(convert_to(name, 'UTF8')), 'hex'), 8)
from shared_slugs where shared_slugs.course_id = courses.course_id;

update courses set slug = shared_slugs.slug
from shared_slugs where shared_slugs.course_id = courses.course_id and place = 1;
